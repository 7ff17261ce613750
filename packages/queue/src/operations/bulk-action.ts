/**
 * A bulk action: one action on many mails, as it is stored in Redis. Its scope may contain an address, so it is sealed; the rest is
 * not.
 */
import { checker, type MailFilter, type SchemaCheck } from '@posthouse/contract';
import { maxTime } from '../record/record-shape.ts';
import type { Sealer } from '../record/sealer.ts';
import type { FailureGroup } from '../search/failure-groups.ts';
import type { MailCount } from '../search/mail-list.ts';
import { applicableStates, type MailAction } from '../transitions/applicable-states.ts';

/** Which mails: those that match a filter, or those of a list. */
export type BulkScope = { filter: MailFilter } | { ids: readonly string[] };

/** What a user asks for. */
export interface NewBulkAction {
  action: MailAction;
  scope: BulkScope;
  /** The user. */
  by: string;
  /** Mails changed per second, at most; see `limits.bulkRate`. */
  perSecond: number;
  /** Why the mails fail, where failure groups were chosen: their groups are gone once the mails are sent. */
  causes?: readonly BulkCause[];
}

/** What mails of a bulk action have in common. Everything in it is in clear in Redis anyway. */
export type BulkCause = Pick<FailureGroup, 'reason' | 'template' | 'provider' | 'mails'>;

/** How many mails an action would process. */
export interface BulkEstimate extends MailCount {
  /** Of a retry that is for partly sent mails too: how many failed, and how many were partly sent. */
  retried?: { failed: number; partlySent: number };
}

/**
 * The mails of a filter that an action applies to, as filters of which each mail matches one at most. Of sent mails a retry is only for those
 * that some recipients rejected.
 */
export function applicableFilters(action: MailAction, filter: MailFilter): MailFilter[] {
  const states = applicableStates[action].filter((state) => filter.state === undefined || filter.state.includes(state));
  const whole = states.filter((state) => state !== 'sent');
  return [
    ...(whole.length > 0 && filter.partial === undefined ? [{ ...filter, state: whole }] : []),
    ...(whole.length < states.length ? [{ ...filter, state: ['sent' as const], partial: true as const }] : []),
  ];
}

/** A bulk action and its progress. Times are ms since the epoch. */
export interface BulkAction extends Omit<NewBulkAction, 'scope'> {
  id: string;
  /** Absent where it was sealed with a key that this process does not have. */
  scope?: BulkScope;
  state: 'running' | 'stopped' | 'done' | 'failed';
  /** How many mails it will process. */
  estimate: BulkEstimate;
  /** Mails accepted later, and mails that have ended later, are skipped. */
  createdAt: number;
  /** Mails processed; of these, how many were changed and how many were not. */
  processed: number;
  changed: number;
  unchanged: number;
  endedAt?: number;
  stoppedBy?: string;
  /** Why it failed. */
  error?: string;
}

/** The fields of a new bulk action. */
export function writeBulkAction(
  sealer: Sealer,
  bulk: NewBulkAction & Pick<BulkAction, 'id' | 'createdAt' | 'estimate'>,
): Record<string, string | number | Buffer> {
  return {
    action: bulk.action,
    scope: sealer.seal(JSON.stringify(bulk.scope), scopeContext(bulk.id)),
    by: bulk.by,
    perSecond: bulk.perSecond,
    ...(bulk.causes !== undefined && { causes: JSON.stringify(bulk.causes) }),
    estimate: JSON.stringify(bulk.estimate),
    state: 'running',
    createdAt: bulk.createdAt,
    processed: 0,
    changed: 0,
  };
}

/** @returns undefined when there is no such action (any more), or when its fields were edited and are none any more: the others must be listed */
export function readBulkAction(sealer: Sealer, id: string, fields: Record<string, Buffer>): BulkAction | undefined {
  const text = (name: string) => fields[name]?.toString();
  const number = (name: string) => Number(text(name));
  const [processed, changed, endedAt, stoppedBy, error] = [
    number('processed'),
    number('changed'),
    text('endedAt'),
    text('stoppedBy'),
    text('error'),
  ];
  const scope = decryptScope(sealer, id, fields['scope']);
  const causes = parsed<BulkCause[]>(text('causes') ?? '[]');
  const action: Partial<BulkAction> = {
    ...{ id, action: text('action') as MailAction, state: text('state') as BulkAction['state'], by: text('by') ?? '' },
    ...{ processed, changed, unchanged: processed - changed, perSecond: number('perSecond'), createdAt: number('createdAt') },
    estimate: parsed<BulkEstimate>(text('estimate')) as BulkEstimate,
    ...(scope !== undefined && { scope }),
    ...(fields['causes'] !== undefined && { causes: causes ?? [] }),
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
    ...(stoppedBy !== undefined && { stoppedBy }),
    ...(error !== undefined && { error }),
  };
  check ??= checker(shape);
  return [...check(action)].length === 0 ? (action as BulkAction) : undefined;
}

const count = { type: 'number', minimum: 0, maximum: maxTime };

const shape = {
  type: 'object',
  properties: {
    action: { enum: Object.keys(applicableStates) },
    state: { enum: ['running', 'stopped', 'done', 'failed'] },
    processed: count,
    changed: count,
    perSecond: count,
    createdAt: count,
    endedAt: count,
    estimate: { type: 'object', required: ['mails'], properties: { mails: count } },
    causes: {
      type: 'array',
      items: { type: 'object', required: ['reason', 'mails'], properties: { reason: { type: 'string' }, mails: count } },
    },
  },
  required: ['action', 'state', 'estimate'],
};

let check: SchemaCheck | undefined;

function parsed<T>(json: string | undefined): T | undefined {
  try {
    return JSON.parse(json ?? 'null') as T;
  } catch {
    return undefined;
  }
}

function decryptScope(sealer: Sealer, id: string, sealed: Buffer | undefined): BulkScope | undefined {
  try {
    return sealed && (JSON.parse(sealer.decrypt(sealed, scopeContext(id))) as BulkScope);
  } catch {
    // Progress must be readable without the key too.
    return undefined;
  }
}

function scopeContext(id: string): string {
  return `${id}/scope`;
}
