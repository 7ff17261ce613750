/**
 * The history of a mail, newest first, because the latest delivery attempt is what a reader needs. The record keeps its newest attempts and
 * the latest deferral; earlier ones are counted.
 */
import { type Attempt, type Deferral, isFinal, type MailRecord, type RecordedAction } from '@posthouse/contract';

/** One entry of the history. Times are ms since the epoch. */
export type TimelineEvent =
  /** Not sent yet; the time may be past, when all workers are busy or none is running. */
  | { kind: 'waiting'; at: number }
  /** A worker is sending it. @see MailRecord.messageStartedAt */
  | { kind: 'sending'; at?: number }
  | { kind: 'ended'; at: number }
  | { kind: 'attempt'; at: number; attempt: Attempt; isLatest: boolean }
  /** The latest of `count` deferrals. */
  | { kind: 'deferral'; at: number; deferral: Deferral; count: number; isLatest: boolean }
  | { kind: 'action'; at: number; action: RecordedAction }
  /** A copy of it was sent. */
  | { kind: 'copied'; at: number; copy: MailRecord }
  /** Retried, by an action that the record no longer has. */
  | { kind: 'retried' }
  /** Earlier attempts that the record no longer has. */
  | { kind: 'omitted'; attempts: number }
  | { kind: 'received'; at: number };

/** The history of one mail. @param copies of it */
export function timelineOf(record: MailRecord, copies: readonly MailRecord[] = []): TimelineEvent[] {
  const { state, attempts, attemptCount, createdAt, endedAt, messageStartedAt } = record;
  const omitted = attemptCount - attempts.length;
  return [
    ...(state === 'sending' ? [{ kind: 'sending' as const, ...(messageStartedAt !== undefined && { at: messageStartedAt }) }] : []),
    ...(state !== 'sending' && !isFinal(state) ? [{ kind: 'waiting' as const, at: record.nextAttemptAt ?? record.dueAt }] : []),
    ...withEnd(deliveryAttempts(record, copies), endedAt),
    ...(omitted > 0 ? [{ kind: 'omitted' as const, attempts: omitted }] : []),
    { kind: 'received', at: createdAt },
  ];
}

/** The end comes after all events but the copies that were sent later. */
function withEnd(events: readonly TimelineEvent[], endedAt: number | undefined): TimelineEvent[] {
  if (endedAt === undefined) return [...events];
  const isLater = (event: TimelineEvent) => event.kind === 'copied' && event.at > endedAt;
  return [...events.filter(isLater), { kind: 'ended', at: endedAt }, ...events.filter((event) => !isLater(event))];
}

/** Attempts, the deferral, actions and copies by time; a retry that the record no longer has stands between the attempts before and after it. */
function deliveryAttempts(
  { attempts, lastDeferral, deferralCount, scheduleFrom, actions = [] }: MailRecord,
  copies: readonly MailRecord[],
): TimelineEvent[] {
  // The newest first, also where two are of the same millisecond.
  const deliveries: (TimelineEvent & { at: number; isLatest: boolean })[] = attempts.toReversed().map((attempt) => ({
    kind: 'attempt',
    at: attempt.at,
    attempt,
    isLatest: false,
  }));
  if (lastDeferral !== undefined) {
    deliveries.unshift({ kind: 'deferral', at: lastDeferral.at, deferral: lastDeferral, count: deferralCount, isLatest: false });
  }
  deliveries.sort((a, b) => b.at - a.at);
  const [latest] = deliveries;
  if (latest !== undefined) latest.isLatest = true;
  const recorded = actions.toReversed().map((action) => ({ kind: 'action' as const, at: action.at, action }));
  const copied = copies.map((copy) => ({ kind: 'copied' as const, at: copy.createdAt, copy }));
  const events = [...copied, ...recorded, ...deliveries].sort((a, b) => b.at - a.at);
  if (scheduleFrom === 0 || actions.some(({ action }) => action === 'retry' || action === 'sendAgain')) return events;
  const firstBefore = events.findIndex((event) => event.kind === 'attempt' && event.attempt.number <= scheduleFrom);
  const position = firstBefore === -1 ? events.length : firstBefore;
  return [...events.slice(0, position), { kind: 'retried' }, ...events.slice(position)];
}
