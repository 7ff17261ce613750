/**
 * Decides what follows from a delivery attempt: whether it counts as an attempt or as a deferral, each recipient's new state, and when
 * to try again. A pure function, so that every case is tested by a table.
 */
import {
  type Deferral,
  type DeliveryAttempt,
  limits,
  type MailRecord,
  type Reason,
  type RecipientOutcome,
  type Timings,
  type Verdict,
} from '@posthouse/contract';
import type { AttemptResult } from '@posthouse/queue';

/** What is recorded of a delivery attempt; `reason` is the gravest outcome's. */
export type Decision =
  /** Nothing: another run has the mail and records what happens to it. */
  | { kind: 'superseded'; reason: Reason }
  /** No attempt is used: the provider, or this worker, could not send. */
  | { kind: 'deferral'; reason: Reason; deferral: Deferral; waitMs: number }
  /** An attempt is used, with an outcome for each pending recipient. */
  | { kind: 'attempt'; reason: Reason; result: AttemptResult };

const gravestFirst: readonly Verdict[] = ['FAIL', 'UNKNOWN', 'RETRY', 'OPEN', 'DEFER', 'ACCEPT'];

/** @param now when the attempt ended, ms since the epoch */
export function decide(record: MailRecord, attempt: DeliveryAttempt, timings: Timings, now: number): Decision {
  const { at, durationMs, provider, steps, detail, outcomes } = attempt;
  const kept = { at, durationMs, steps, ...(provider !== undefined && { provider }), ...(detail !== undefined && { detail }) };
  const { verdict, reason, step } = gravest(outcomes);
  if (attempt.kind === 'lease-lost') return { kind: 'superseded', reason };
  if (outcomes.every(isDeferred)) {
    return {
      kind: 'deferral',
      reason,
      deferral: { ...kept, reason, ...(step !== undefined && { step }) },
      waitMs: deferralWait(record, outcomes, timings),
    };
  }
  const number = record.attemptCount - record.scheduleFrom + 1;
  // A server that accepts a few recipients at a time is not refusing the others.
  const isLast = number > timings.retry.length && !outcomes.some(({ verdict }) => verdict === 'ACCEPT');
  const counted: AttemptResult['attempt'] = { ...kept, verdict, reason, outcomes };
  if (isLast && outcomes.some(isPending)) counted.detail = `Attempt ${number} was the last of the schedule. ${detail ?? ''}`.trim();
  return {
    kind: 'attempt',
    reason,
    result: {
      attempt: counted,
      recipients: newStates(record, attempt, isLast, now),
      ...(attempt.receipt !== undefined && { receipt: attempt.receipt }),
      ...(attempt.renderedHash !== undefined && { renderedHash: attempt.renderedHash }),
      waitMs: retryWait(number, outcomes, timings),
      ...(attempt.unanswered && { unanswered: true }),
      // A message whose outcome stays unknown is not resent without end: a user decides.
      hold: outcomes.some(isUnknown) && (record.onUncertain === 'hold' || isLast || wasResent(record, attempt)),
    },
  };
}

function gravest(outcomes: readonly RecipientOutcome[]): RecipientOutcome {
  const order = ({ verdict }: RecipientOutcome) => gravestFirst.indexOf(verdict);
  return outcomes.reduce((worst, outcome) => (order(outcome) < order(worst) ? outcome : worst));
}

function newStates(record: MailRecord, { outcomes, provider }: DeliveryAttempt, isLast: boolean, at: number): AttemptResult['recipients'] {
  const pending = record.recipients.flatMap((recipient, index) => (recipient.state === 'pending' ? [index] : []));
  return outcomes.map((outcome, nth) => ({
    index: pending[nth] as number,
    state: newState(outcome, isLast),
    at,
    ...(provider !== undefined && { provider }),
    reason: outcome.reason,
    ...(isUnknown(outcome) && { uncertain: true as const }),
    ...(outcome.code !== undefined && { code: outcome.code }),
    ...(outcome.enhancedCode !== undefined && { enhancedCode: outcome.enhancedCode }),
  }));
}

/** It was sent again, and again no reply came in time: a further attempt would probably be a further copy. */
function wasResent({ unansweredCount = 0 }: MailRecord, { unanswered }: DeliveryAttempt): boolean {
  return unanswered === true && unansweredCount + 1 >= limits.unansweredAttempts;
}

function newState({ verdict }: RecipientOutcome, isLast: boolean): AttemptResult['recipients'][number]['state'] {
  if (verdict === 'ACCEPT') return 'accepted';
  return verdict === 'FAIL' || (isLast && verdict === 'RETRY') ? 'rejected' : 'pending';
}

/** The schedule's wait, moved by jitter, unless a reply asks for another; of several recipients, the longest. */
function retryWait(number: number, outcomes: readonly RecipientOutcome[], timings: Timings): number {
  const scheduled = timings.retry[number - 1] ?? 0;
  const moved = scheduled * (1 + timings.retryJitter * (2 * Math.random() - 1));
  return Math.round(Math.max(0, ...outcomes.filter(isPending).map(({ waitMs }) => waitMs ?? moved)));
}

function deferralWait(record: MailRecord, outcomes: readonly RecipientOutcome[], { deferral }: Timings): number {
  const backoff = Math.min(deferral.initial * 2 ** Math.min(record.deferralCount, 20), deferral.max);
  return Math.max(...outcomes.map(({ waitMs }) => waitMs ?? backoff));
}

function isPending(outcome: RecipientOutcome): boolean {
  return outcome.verdict === 'RETRY' || isUnknown(outcome) || isDeferred(outcome);
}

function isDeferred({ verdict }: RecipientOutcome): boolean {
  return verdict === 'DEFER' || verdict === 'OPEN';
}

function isUnknown({ verdict }: RecipientOutcome): boolean {
  return verdict === 'UNKNOWN';
}
