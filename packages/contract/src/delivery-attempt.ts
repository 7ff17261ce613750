/** What one delivery attempt did, for each recipient and as a whole; and what the record keeps of it. */
import type { Reason } from './reasons.ts';

/**
 * What a reply, or the lack of one, means for a recipient.
 *
 * - ACCEPT: the server took responsibility for the message (a 2yz reply to the final dot).
 * - RETRY: a temporary failure; an attempt was used, and the next one follows the schedule.
 * - DEFER: the provider's failure, not the mail's; the mail is put back and no attempt is used.
 * - OPEN: as DEFER, and the provider's circuit opens: no mail is sent to it until a probe succeeds.
 * - FAIL: a permanent failure.
 * - UNKNOWN: the message was sent and no reply came, so the server may have it. `onUncertain` decides.
 */
export type Verdict = 'ACCEPT' | 'RETRY' | 'DEFER' | 'OPEN' | 'FAIL' | 'UNKNOWN';

/** The step of a delivery at which a server replied, or did not. `CONNECT` goes up to the reply to EHLO; `DOT` is the end of the message. */
export type DeliveryStep = 'CONNECT' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT';

/** The outcome of one delivery attempt for one recipient. */
export interface RecipientOutcome {
  address: string;
  verdict: Verdict;
  /** Why, free of addresses and stored in clear: `550 5.1.1`. */
  reason: Reason;
  /** Where it failed: a reply code means different things at different steps. Absent for an acceptance, and where no server was asked. */
  step?: DeliveryStep;
  /** Reply code (RFC 5321 section 4.2), where there was a reply. */
  code?: number;
  /** Enhanced status code (RFC 3463), where the server gave one. */
  enhancedCode?: string;
  /** The reply as the server wrote it. It may quote an address, so it is sealed. */
  reply?: string;
  /** A wait in ms that overrides the schedule: named by the server, or by the row of the verdict table. */
  waitMs?: number;
}

/** A recipient's outcome in the record. An older version may have stored it, with a reason code that is no longer used. */
export interface RecordedOutcome extends Omit<RecipientOutcome, 'reason'> {
  reason: string;
}

/** One SMTP command and its reply, or one event of the connection. */
export interface Step {
  /** ms since the transaction began. */
  atMs: number;
  /** `CONNECT`, `MAIL`, `RCPT`, `DATA`, `.` */
  command: string;
  /** What the server replied, or what happened instead. */
  reply: string;
}

/** What is recorded when a server accepted the message. */
export interface Receipt {
  /** When the reply came, ms since the epoch. */
  at: number;
  provider: string;
  /** The reply to the final dot. */
  response: string;
  /** The recipients that this acceptance covers. */
  accepted: string[];
}

/** How far a delivery attempt got. */
export type DeliveryKind =
  /** An SMTP transaction took place: each outcome follows from a reply, or from its absence. */
  | 'attempted'
  /** The provider refused the message permanently; whether for the mail's sake or for the account's is not decided yet. */
  | 'refusal-undecided'
  /** No connection to the provider could be opened, secured or logged in. */
  | 'connection-failed'
  /** The provider's circuit is open, so it was not asked. */
  | 'circuit-open'
  /** The provider became slow while the mail waited for one of its connections, and another provider can take it now. */
  | 'provider-slow'
  /** The provider's sending rate is used up, or could not be read. */
  | 'rate-limited'
  /** The provider cannot take such a message: it is too large, or needs SMTPUTF8 or 8BITMIME. */
  | 'unsupported'
  /** The gate stayed closed: the mail was cancelled or has ended, or Redis could not be asked. */
  | 'gate-denied'
  /** Another worker has the lease on the mail, and records what happens to it. */
  | 'lease-lost'
  /** The worker stopped before the message was sent. */
  | 'worker-stopping'
  /** No message could be made of the mail, or a bug of ours ended the attempt. */
  | 'internal-failure'
  /** An earlier run sent the message and died before its reply came. */
  | 'outcome-unknown';

/** What one delivery attempt did: one SMTP transaction with the recipients that are still pending, or why there was none. */
export interface DeliveryAttempt {
  kind: DeliveryKind;
  /** When it began, ms since the epoch. */
  at: number;
  durationMs: number;
  /** When its transaction began, ms since the epoch: before, it waited for its sending slot and for a connection. Absent where there was none. */
  transactionAt?: number;
  /** The provider it went to; absent where none was chosen. */
  provider?: string;
  /** The SMTP transcript; empty where there was no transaction. */
  steps: Step[];
  /** Says in full why there was no transaction. It may quote content, so it is sealed. */
  detail?: string;
  /** One for each pending recipient, in the record's order. */
  outcomes: RecipientOutcome[];
  /** Present when a server accepted the message for at least one recipient. */
  receipt?: Receipt;
  /** Hash of the template set that the message was rendered with. */
  renderedHash?: string;
  /** The message was sent, and no reply came before the deadline although the worker waited for it, or only one out of step. */
  unanswered?: true;
  /** The gate opened: the message may have been sent, and only this attempt knows its outcome until it is stored. */
  gateOpened?: boolean;
}

type Recorded = Pick<DeliveryAttempt, 'at' | 'durationMs' | 'provider' | 'steps' | 'detail'>;

/** A delivery attempt in the record that reached a verdict on the mail. */
export interface Attempt extends Recorded {
  /** 1 for the first. Only attempts are counted; deferrals are not. */
  number: number;
  /** The gravest verdict among its recipients. */
  verdict: Verdict;
  /** The reason of that verdict. */
  reason: string;
  outcomes: RecordedOutcome[];
}

/** A delivery attempt in the record that used none of the mail's attempts: the failure was not the mail's. */
export interface Deferral extends Recorded {
  reason: string;
  /** The step of that reason. */
  step?: DeliveryStep;
}

/**
 * True for a permanent refusal of the sender or the message that may be about the account as well: nothing that the server said shows
 * which. Refusals that are known to be about the account have another verdict.
 */
export function mayConcernAccount({ verdict, step, code, enhancedCode }: RecipientOutcome): boolean {
  const isPermanent = verdict === 'FAIL' && code !== undefined && code >= 500;
  // A command that the server does not take, and a message that is too large for it, have nothing to do with the account.
  const isOwn = [500, 501, 502, 504].includes(code ?? 0) || enhancedCode === '5.3.4';
  return isPermanent && !isOwn && (step === 'MAIL' || step === 'DATA' || step === 'DOT');
}
