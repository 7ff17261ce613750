/**
 * What follows from a try: whether it was an attempt or a deferral, each recipient's new state, and when to try again.
 * Pure, so that every row can be tested by a table.
 */
import type { Attempt, Deferral, MailRecord, Receipt, RecipientOutcome, Step, Timings, Verdict } from '@posthouse/contract';
import type { AttemptResult } from '@posthouse/queue';

/** One try at the pending recipients of a mail, through a server or not. */
export interface Try {
  at: number;
  durationMs: number;
  provider?: string;
  steps: Step[];
  detail?: string;
  /** One for each pending recipient, in their order. */
  outcomes: RecipientOutcome[];
  receipt?: Receipt;
  renderedHash?: string;
}

/** What to write down. */
export type Decision = { as: 'deferral'; deferral: Deferral; nextAttemptAt: number } | { as: 'attempt'; attemptResult: AttemptResult };

const gravest: readonly Verdict[] = ['FAIL', 'UNKNOWN', 'RETRY', 'OPEN', 'DEFER', 'ACCEPT'];

/** @param now ms since the epoch; the waits count from it */
export function decide(record: MailRecord, tried: Try, timings: Timings, now: number): Decision {
  const { outcomes, receipt, renderedHash, ...story } = tried;
  const worst = gravest.map((verdict) => outcomes.find((outcome) => outcome.verdict === verdict)).find((found) => found !== undefined);
  const { verdict, reason } = worst as RecipientOutcome;
  if (outcomes.every(isDeferred)) {
    return { as: 'deferral', deferral: { ...story, reason }, nextAttemptAt: now + deferralWait(record, outcomes, timings) };
  }
  const number = record.attemptCount - record.scheduleFrom + 1;
  // A server that takes a few recipients at a time is not refusing the others.
  const exhausted = number > timings.retry.length && !outcomes.some(({ verdict }) => verdict === 'ACCEPT');
  const attempt: Omit<Attempt, 'number'> = { ...story, verdict, reason, outcomes };
  if (exhausted && outcomes.some(isPending))
    attempt.detail = `Attempt ${number} was the last of the schedule. ${attempt.detail ?? ''}`.trim();
  return {
    as: 'attempt',
    attemptResult: {
      attempt,
      recipients: changes(record, tried, exhausted, now),
      ...(receipt !== undefined && { receipt }),
      ...(renderedHash !== undefined && { renderedHash }),
      nextAttemptAt: now + retryWait(number, outcomes, timings),
      // A message that went out and was never answered, again and again, is not resent for ever: a person finds out.
      hold: outcomes.some(isUnknown) && (record.onUncertain === 'hold' || exhausted),
    },
  };
}

function changes(record: MailRecord, tried: Try, exhausted: boolean, at: number): AttemptResult['recipients'] {
  const pending = record.recipients.flatMap((recipient, index) => (recipient.state === 'pending' ? [index] : []));
  return tried.outcomes.map((outcome, nth) => ({
    index: pending[nth] as number,
    state:
      outcome.verdict === 'ACCEPT'
        ? 'accepted'
        : outcome.verdict === 'FAIL' || (exhausted && outcome.verdict === 'RETRY')
          ? 'refused'
          : 'pending',
    at,
    ...(tried.provider !== undefined && { provider: tried.provider }),
    reason: outcome.reason,
    ...(isUnknown(outcome) && { uncertain: true as const }),
    ...(outcome.code !== undefined && { code: outcome.code }),
    ...(outcome.enhancedCode !== undefined && { enhancedCode: outcome.enhancedCode }),
  }));
}

/** The schedule's wait, moved by jitter, unless a reply named its own; of several recipients, the longest. */
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
