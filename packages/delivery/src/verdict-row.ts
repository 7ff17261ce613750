/** What a row of the verdict table, or of the known account refusals, may say. */
import type { AccountRefusalKind, DeliveryStep, FailureKind, Timings, Verdict } from '@posthouse/contract';

/** What a provider wants less of. */
export type SlowDown = 'connections' | 'rate';

/** One row: every condition that it names must hold. */
export interface VerdictRow {
  /** What the row stands for. Alerts show it. */
  meaning: string;
  steps?: readonly DeliveryStep[];
  /** Reply codes, or the first digit of them as 4 or 5. */
  codes?: readonly number[];
  /** Enhanced status codes (RFC 3463); '' matches a reply without one. */
  enhanced?: readonly string[];
  /** Matches the words of the reply: all lines on one, without codes. Without unlimited repeats, because servers may send anything. */
  text?: RegExp;
  /** Matches the error code, where there was no reply. */
  error?: RegExp;
  /** Matches a missing reply, by whether the message had started. */
  noReply?: 'before the message' | 'after the message started';
  /** Matches only on a connection that had been opened before the transaction: what it says does not speak of the provider. */
  reused?: true;
  /** Matches only where the server accepted the message for another recipient. */
  othersAccepted?: true;
  verdict: Exclude<Verdict, 'ACCEPT'>;
  /**
   * The verdict instead where the provider has accepted another mail since this mail was last tried: then the cause is this mail. Such a row
   * is reported to the circuit at a mail's first deferral only, so that one mail alone never opens it.
   */
  ownVerdict?: 'RETRY' | 'FAIL';
  /** The wait that takes the place of the schedule's. `none` only where something was achieved: no reply may cause a loop without a wait. */
  wait?: Exclude<keyof Timings['reply'], 'retryAfterMax' | 'rollout' | 'rolloutMax'> | 'none';
  /**
   * How the provider failed, and how many failures in a row open its circuit. With `mayBeLocal` they open it for this worker only: another
   * one has another network, resolver, clock and SMTP_CA_FILE, and may reach the provider.
   */
  failure?: { kind: FailureKind; after: number; mayBeLocal?: true };
  /** The provider cannot take such a message: the next one is asked, and the verdict holds when no other can. */
  unsupported?: true;
  /** The provider takes less than it is sent: fewer connections at a time, or a pause. */
  slowDown?: SlowDown;
  /** What is wrong with the account, where the words of the reply say so. */
  kind?: AccountRefusalKind;
  /** Raises an alert: the cause is the provider, the account or Posthouse, not this mail. */
  alert?: true;
}
