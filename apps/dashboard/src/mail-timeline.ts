/**
 * What happened to a mail, newest first: whoever is called at night wants the latest try, not the first. A record keeps its
 * attempts and the latest deferral; what it does not keep is counted, not made up.
 */
import { type Attempt, type Deferral, isFinal, type MailRecord } from '@posthouse/contract';

/** One thing that happened, is happening, or will. Times are ms since the epoch. */
export type TimelineEvent =
  /** It waits; the time may have passed while every worker is busy, or none is there. */
  | { kind: 'waits'; at: number }
  /** A worker has it. @see MailRecord.messageStartedAt */
  | { kind: 'inHand'; at?: number }
  | { kind: 'ended'; at: number }
  | { kind: 'attempt'; at: number; attempt: Attempt; isLatest: boolean }
  /** The latest of so many. */
  | { kind: 'deferral'; at: number; deferral: Deferral; count: number; isLatest: boolean }
  /** Somebody had it tried anew; when, the audit log knows. */
  | { kind: 'renewed' }
  /** So many attempts, the earliest ones, are not kept. */
  | { kind: 'forgotten'; attempts: number }
  | { kind: 'accepted'; at: number };

/** The story of one mail. */
export function timelineOf(record: MailRecord): TimelineEvent[] {
  const { state, attempts, attemptCount, createdAt, endedAt } = record;
  const forgotten = attemptCount - attempts.length;
  return [
    ...(state === 'sending'
      ? [{ kind: 'inHand' as const, ...(record.messageStartedAt !== undefined && { at: record.messageStartedAt }) }]
      : []),
    ...(state !== 'sending' && !isFinal(state) ? [{ kind: 'waits' as const, at: record.nextAttemptAt ?? record.dueAt }] : []),
    ...(endedAt !== undefined ? [{ kind: 'ended' as const, at: endedAt }] : []),
    ...tries(record),
    ...(forgotten > 0 ? [{ kind: 'forgotten' as const, attempts: forgotten }] : []),
    { kind: 'accepted', at: createdAt },
  ];
}

/** Attempts and the deferral by their time, with the mark of a new beginning between those that it lies between. */
function tries({ attempts, lastDeferral, deferralCount, scheduleFrom }: MailRecord): TimelineEvent[] {
  const tried: (TimelineEvent & { at: number; isLatest: boolean })[] = attempts.map((attempt) => ({
    kind: 'attempt',
    at: attempt.at,
    attempt,
    isLatest: false,
  }));
  if (lastDeferral !== undefined) {
    tried.push({ kind: 'deferral', at: lastDeferral.at, deferral: lastDeferral, count: deferralCount, isLatest: false });
  }
  tried.sort((a, b) => b.at - a.at);
  const [latest] = tried;
  if (latest !== undefined) latest.isLatest = true;
  if (scheduleFrom === 0) return tried;
  const before = tried.findIndex((event) => event.kind === 'attempt' && event.attempt.number <= scheduleFrom);
  const place = before === -1 ? tried.length : before;
  return [...tried.slice(0, place), { kind: 'renewed' }, ...tried.slice(place)];
}
