/**
 * A bulk job: one action on many mails, as it is stored in Redis. Its scope may contain an address, so it is sealed; the rest is
 * not.
 */
import type { MailFilter } from '@posthouse/contract';
import type { Sealer } from '../record/sealer.ts';
import type { MailCount } from '../search/mail-list.ts';
import type { MailAction } from '../transitions/applicable-states.ts';

/** Which mails: those that match a filter, or those of a list. */
export type BulkScope = { filter: MailFilter } | { ids: readonly string[] };

/** What a user asks for. */
export interface NewBulkJob {
  action: MailAction;
  scope: BulkScope;
  /** The user. */
  by: string;
  /** Mails changed per second, at most; see `limits.bulkRate`. */
  perSecond: number;
}

/** A bulk job and its progress. Times are ms since the epoch. */
export interface BulkJob extends Omit<NewBulkJob, 'scope'> {
  id: string;
  /** Absent where it was sealed with a key that this process does not have. */
  scope?: BulkScope;
  state: 'running' | 'stopped' | 'done' | 'failed';
  /** How many mails it will process. */
  estimate: MailCount;
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

/** The fields of a new bulk job. */
export function writeBulkJob(
  sealer: Sealer,
  job: NewBulkJob & Pick<BulkJob, 'id' | 'createdAt' | 'estimate'>,
): Record<string, string | number | Buffer> {
  return {
    action: job.action,
    scope: sealer.seal(JSON.stringify(job.scope), scopeContext(job.id)),
    by: job.by,
    perSecond: job.perSecond,
    estimate: JSON.stringify(job.estimate),
    state: 'running',
    createdAt: job.createdAt,
    processed: 0,
    changed: 0,
  };
}

/** @returns undefined when there is no such job (any more) */
export function readBulkJob(sealer: Sealer, id: string, fields: Record<string, Buffer>): BulkJob | undefined {
  const text = (name: string) => fields[name]?.toString();
  const [action, state] = [text('action') as MailAction | undefined, text('state') as BulkJob['state'] | undefined];
  if (action === undefined || state === undefined) return undefined;
  const [processed, changed] = [Number(text('processed')), Number(text('changed'))];
  const scope = decryptScope(sealer, id, fields['scope']);
  const [endedAt, stoppedBy, error] = [text('endedAt'), text('stoppedBy'), text('error')];
  return {
    ...{ id, action, state, processed, changed, unchanged: processed - changed, by: text('by') ?? '' },
    perSecond: Number(text('perSecond')),
    estimate: JSON.parse(text('estimate') ?? 'null') as MailCount,
    createdAt: Number(text('createdAt')),
    ...(scope !== undefined && { scope }),
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
    ...(stoppedBy !== undefined && { stoppedBy }),
    ...(error !== undefined && { error }),
  };
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
