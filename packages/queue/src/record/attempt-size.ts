/** How much of an attempt or a deferral is kept: all of them together must stay readable, whatever servers reply. */
import { limits, type RecordedOutcome, type Step } from '@posthouse/contract';

/** What is cut. */
interface WithReplies {
  detail?: string;
  steps: Step[];
  outcomes?: RecordedOutcome[];
}

/** The same within `limits.attemptBytes` as JSON: where many recipients have long replies, each keeps a shorter part of its own. */
export function withinAttemptBytes<T extends WithReplies>(attempt: T): T {
  let kept = attempt;
  for (let length: number = limits.replyLength; bytesOf(kept) > limits.attemptBytes && length > 0; length = Math.floor(length / 2)) {
    kept = withShorterReplies(attempt, length);
  }
  return kept;
}

function bytesOf(attempt: WithReplies): number {
  return Buffer.byteLength(JSON.stringify(attempt));
}

function withShorterReplies<T extends WithReplies>({ detail, outcomes, ...attempt }: T, length: number): T {
  return {
    ...attempt,
    steps: attempt.steps.map((step) => ({ ...step, reply: step.reply.slice(0, length) })),
    ...(detail !== undefined && { detail: detail.slice(0, limits.replyLength) }),
    ...(outcomes !== undefined && {
      outcomes: outcomes.map(({ reply, ...outcome }) => ({ ...outcome, ...(reply !== undefined && { reply: reply.slice(0, length) }) })),
    }),
  } as unknown as T;
}
