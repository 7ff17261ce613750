/**
 * Bulk work: one wish for many mails, as it stands in Redis. Which mails may be said by an address, so that part is sealed;
 * the rest is in clear.
 */
import type { MailFilter } from '@posthouse/contract';
import type { Sealer } from '../record/sealer.ts';
import type { MailCount } from '../search/mail-list.ts';
import type { MailAction } from '../transitions/mail-records.ts';

/** Which mails: those that fit a filter, or those of a list. */
export type BulkScope = { filter: MailFilter } | { ids: readonly string[] };

/** What somebody wishes. */
export interface NewBulkJob {
  action: MailAction;
  scope: BulkScope;
  /** Who wishes it. */
  by: string;
  /** Mails changed in a second at the most; see `limits.bulkRate`. */
  perSecond: number;
}

/** Bulk work, and how far it has come. Times are ms since the epoch. */
export interface BulkJob extends Omit<NewBulkJob, 'scope'> {
  id: string;
  /** Absent where it was sealed with a key that is not held here. */
  scope?: BulkScope;
  state: 'running' | 'stopped' | 'done' | 'failed';
  /** How many mails it will look at. */
  estimate: MailCount;
  /** Mails accepted later, and mails that have ended later, are not meant. */
  createdAt: number;
  /** Mails looked at; of these, changed and left as they were. */
  seen: number;
  changed: number;
  unchanged: number;
  endedAt?: number;
  stoppedBy?: string;
  /** Why it failed. */
  fault?: string;
}

/** The fields of new bulk work. */
export function writeBulkJob(
  sealer: Sealer,
  job: NewBulkJob & Pick<BulkJob, 'id' | 'createdAt' | 'estimate'>,
): Record<string, string | number | Buffer> {
  return {
    action: job.action,
    scope: sealer.seal(JSON.stringify(job.scope), scopeOf(job.id)),
    by: job.by,
    perSecond: job.perSecond,
    estimate: JSON.stringify(job.estimate),
    state: 'running',
    createdAt: job.createdAt,
    seen: 0,
    changed: 0,
  };
}

/** @returns undefined when there is no such work (any more) */
export function readBulkJob(sealer: Sealer, id: string, fields: Record<string, Buffer>): BulkJob | undefined {
  const text = (name: string) => fields[name]?.toString();
  const [action, state] = [text('action') as MailAction | undefined, text('state') as BulkJob['state'] | undefined];
  if (action === undefined || state === undefined) return undefined;
  const [seen, changed] = [Number(text('seen')), Number(text('changed'))];
  const scope = opened(sealer, id, fields['scope']);
  const [endedAt, stoppedBy, fault] = [text('endedAt'), text('stoppedBy'), text('fault')];
  return {
    ...{ id, action, state, seen, changed, unchanged: seen - changed, by: text('by') ?? '' },
    perSecond: Number(text('perSecond')),
    estimate: JSON.parse(text('estimate') ?? 'null') as MailCount,
    createdAt: Number(text('createdAt')),
    ...(scope !== undefined && { scope }),
    ...(endedAt !== undefined && { endedAt: Number(endedAt) }),
    ...(stoppedBy !== undefined && { stoppedBy }),
    ...(fault !== undefined && { fault }),
  };
}

function opened(sealer: Sealer, id: string, sealed: Buffer | undefined): BulkScope | undefined {
  try {
    return sealed && (JSON.parse(sealer.open(sealed, scopeOf(id))) as BulkScope);
  } catch {
    // How far it came must be readable whatever became of one key.
    return undefined;
  }
}

function scopeOf(id: string): string {
  return `${id}/scope`;
}
