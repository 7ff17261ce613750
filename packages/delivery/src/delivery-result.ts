/** What one delivery did, before its time and provider are added. */
import type { DeliveryAttempt, DeliveryKind, ReasonCode, RecipientOutcome } from '@posthouse/contract';
import type { Transaction } from './smtp-session.ts';

/** What one delivery adds to the attempt's time and provider. */
export type DeliveryResult = Pick<DeliveryAttempt, 'kind' | 'outcomes'> & Partial<DeliveryAttempt>;

/** How far a transaction got. @param isUnsupported the provider lacks what the message needs, for each recipient */
export function deliveryKind(denied: Transaction['denied'], isUnsupported: boolean): DeliveryKind {
  if (denied !== undefined) return denied.kind === 'denied' ? 'gate-denied' : denied.kind;
  return isUnsupported ? 'unsupported' : 'attempted';
}

/** Nothing was sent, and no attempt is used. */
export function putBack(
  kind: DeliveryKind,
  reason: ReasonCode,
  detail: string,
  recipients: readonly string[],
  waitMs?: number,
): DeliveryResult {
  const wait = waitMs === undefined ? {} : { waitMs };
  return { kind, detail, outcomes: recipients.map((address): RecipientOutcome => ({ address, verdict: 'DEFER', reason, ...wait })) };
}

/** The circuit waits as long as the server asks. The mail does not: another provider may take it before. */
export function withoutCircuitWait({ waitMs, ...outcome }: RecipientOutcome): RecipientOutcome {
  return { ...outcome, ...(waitMs !== undefined && outcome.verdict !== 'OPEN' && { waitMs }) };
}
