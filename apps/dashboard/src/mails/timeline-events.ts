/**
 * The history of a mail, newest first, because the latest delivery attempt is what a reader needs. The record keeps its newest attempts and
 * the latest deferral; earlier ones are counted.
 */
import { type Attempt, type Deferral, isFinal, type MailRecord } from '@posthouse/contract';

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
  /** Retried by a user. The audit log has the time and the user. */
  | { kind: 'retried' }
  /** Earlier attempts that the record no longer has. */
  | { kind: 'omitted'; attempts: number }
  | { kind: 'received'; at: number };

/** The history of one mail. */
export function timelineOf(record: MailRecord): TimelineEvent[] {
  const { state, attempts, attemptCount, createdAt, endedAt, messageStartedAt } = record;
  const omitted = attemptCount - attempts.length;
  return [
    ...(state === 'sending' ? [{ kind: 'sending' as const, ...(messageStartedAt !== undefined && { at: messageStartedAt }) }] : []),
    ...(state !== 'sending' && !isFinal(state) ? [{ kind: 'waiting' as const, at: record.nextAttemptAt ?? record.dueAt }] : []),
    ...(endedAt !== undefined ? [{ kind: 'ended' as const, at: endedAt }] : []),
    ...deliveryAttempts(record),
    ...(omitted > 0 ? [{ kind: 'omitted' as const, attempts: omitted }] : []),
    { kind: 'received', at: createdAt },
  ];
}

/** Attempts and the deferral by time, with the last retry by a user between those before and after it. */
function deliveryAttempts({ attempts, lastDeferral, deferralCount, scheduleFrom }: MailRecord): TimelineEvent[] {
  const events: (TimelineEvent & { at: number; isLatest: boolean })[] = attempts.map((attempt) => ({
    kind: 'attempt',
    at: attempt.at,
    attempt,
    isLatest: false,
  }));
  if (lastDeferral !== undefined) {
    events.push({ kind: 'deferral', at: lastDeferral.at, deferral: lastDeferral, count: deferralCount, isLatest: false });
  }
  events.sort((a, b) => b.at - a.at);
  const [latest] = events;
  if (latest !== undefined) latest.isLatest = true;
  if (scheduleFrom === 0) return events;
  const firstBefore = events.findIndex((event) => event.kind === 'attempt' && event.attempt.number <= scheduleFrom);
  const position = firstBefore === -1 ? events.length : firstBefore;
  return [...events.slice(0, position), { kind: 'retried' }, ...events.slice(position)];
}
