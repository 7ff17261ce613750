/**
 * Attempts, deferrals and receipts as they are sealed: nothing is stored twice. A reply that is in the transcript is stored there alone, and so are
 * what an outcome shares with its attempt and what a receipt repeats.
 */
import type { Attempt, Receipt, RecordedOutcome, Step, Verdict } from '@posthouse/contract';

/** An attempt or a deferral. */
export interface WithSteps {
  provider?: string;
  verdict?: Verdict;
  reason?: string;
  steps: Step[];
  outcomes?: RecordedOutcome[];
}

/** `reply`: the number of the step that has it, or the reply. */
type StoredOutcome = Omit<RecordedOutcome, 'verdict' | 'reason' | 'reply'> &
  Partial<Pick<RecordedOutcome, 'verdict' | 'reason'>> & { reply?: number | string };

interface StoredTranscript extends Omit<WithSteps, 'steps' | 'outcomes'> {
  steps: [atMs: number, command: string, reply: string][];
  outcomes?: StoredOutcome[];
  receipt?: [at: number, reply: number | string];
}

/**
 * A deferral or an attempt as it is sealed.
 * @param receipt of an attempt that all its recipients' outcomes agree with; see `containsReceipt`
 */
export function compactTranscript({ steps, outcomes, ...value }: WithSteps, receipt?: Receipt): StoredTranscript {
  const replyIn = (reply: string) => {
    const step = steps.findLastIndex((one) => one.reply === reply);
    return step === -1 ? reply : step;
  };
  const compactOutcome = ({ reply, verdict, reason, ...outcome }: RecordedOutcome): StoredOutcome => ({
    ...withoutReason(withoutCodes({ ...outcome, reason }), value.reason),
    ...(verdict !== value.verdict && { verdict }),
    ...(reply !== undefined && { reply: replyIn(reply) }),
  });
  return {
    ...value,
    steps: steps.map(({ atMs, command, reply }) => [atMs, command, reply]),
    ...(outcomes !== undefined && { outcomes: outcomes.map(compactOutcome) }),
    ...(receipt !== undefined && { receipt: [receipt.at, replyIn(receipt.response)] }),
  };
}

/**
 * Whether a receipt says nothing that an attempt does not, and the attempt stays as long as the record: every recipient of the mail was
 * accepted in it, so that no later one takes its place.
 * @param recipients of the mail
 */
export function containsReceipt(
  { provider, outcomes }: Pick<Attempt, 'provider' | 'outcomes'>,
  receipt: Receipt,
  recipients: number | undefined,
): boolean {
  return (
    provider === receipt.provider &&
    outcomes.length === recipients &&
    outcomes.length === receipt.accepted.length &&
    outcomes.every(({ verdict, address }, n) => verdict === 'ACCEPT' && address === receipt.accepted[n])
  );
}

/** The attempt or the deferral of which `compactTranscript` returned this, and its receipt. */
export function transcriptFrom({ steps: stored, outcomes, receipt, ...value }: StoredTranscript): WithSteps & { receipt?: Receipt } {
  const steps = stored.map(([atMs, command, reply]) => ({ atMs, command, reply }));
  const replyOf = (reply: string | number) => (typeof reply === 'number' ? (steps[reply]?.reply ?? '') : reply);
  const outcomeFrom = ({ reply, ...outcome }: StoredOutcome): RecordedOutcome => ({
    ...withCodes({ verdict: value.verdict as Verdict, reason: value.reason as string, ...outcome }),
    ...(reply !== undefined && { reply: replyOf(reply) }),
  });
  const accepted = (outcomes ?? []).map(({ address }) => address);
  return {
    ...value,
    steps,
    ...(outcomes !== undefined && { outcomes: outcomes.map(outcomeFrom) }),
    ...(receipt !== undefined && { receipt: { at: receipt[0], provider: value.provider ?? '', response: replyOf(receipt[1]), accepted } }),
  };
}

/** What has a reason, and the codes of the reply where there was one. */
interface WithReason {
  reason?: string;
  code?: number;
  enhancedCode?: string;
}

/** The same without the codes, where its reason consists of them. */
export function withoutCodes<T extends WithReason>(outcome: T): T {
  const { code, enhancedCode, ...rest } = outcome;
  return outcome.reason === [code, enhancedCode].join(' ').trim() ? (rest as T) : outcome;
}

function withoutReason<T extends WithReason>({ reason, ...outcome }: T, known: string | undefined) {
  return { ...outcome, ...(reason !== undefined && reason !== known && { reason }) };
}

/** The same with the codes that its reason consists of. */
export function withCodes<T extends WithReason>(outcome: T): T {
  const [, code, enhancedCode] = /^(\d{3})(?: (\d\.\d+\.\d+))?$/.exec(outcome.reason ?? '') ?? [];
  if (code === undefined || outcome.code !== undefined) return outcome;
  return { ...outcome, code: Number(code), ...(enhancedCode !== undefined && { enhancedCode }) };
}
