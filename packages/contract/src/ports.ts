/**
 * The ports: interfaces that one package implements and another uses without importing it. The queue implements Gate, Circuit and
 * RateLimit over Redis, and delivery asks them; everything that is started and stopped is a Service.
 */

import type { Backoff } from './backoff.ts';
import type { DeliveryStep } from './delivery-attempt.ts';

/** What the gate decided. */
export type GateResult =
  /** The message may be sent now. From here on the mail cannot be cancelled or given to another worker. */
  | { kind: 'open' }
  /** Another worker has the lease on this mail and records its outcome. */
  | { kind: 'lease-lost' }
  /** The mail is no longer to be sent (it was cancelled, or it ended), or Redis could not be asked. `why` says which. */
  | { kind: 'denied'; why: string };

/**
 * The gate: asked once per transaction, after the server's 354 and before the first byte of the message. Once it is open, a
 * missing reply means that the outcome is unknown.
 * @param replyWithinMs after that many ms the transaction has ended, whatever the server does
 */
export type Gate = (replyWithinMs: number) => Promise<GateResult>;

/**
 * What is wrong with the account.
 *
 * - `quota`: a limit of a day, an hour or a plan is reached.
 * - `rate`: mails come too fast.
 * - `login`: the login is missing, refused or limited.
 * - `suspended`: the account is blocked, or not activated.
 * - `sender-not-allowed`: the account may not send from this address.
 * - `busy`: the server wants fewer connections at a time.
 * - `connection-rate`: connections come too often; for a while the server takes no more.
 * - `connection-limit`: this connection has had its messages or its time.
 */
export type AccountRefusalKind =
  | 'quota'
  | 'rate'
  | 'login'
  | 'suspended'
  | 'sender-not-allowed'
  | 'busy'
  | 'connection-rate'
  | 'connection-limit';

/** What is known of a provider's failure besides its code. */
export interface FailureDetails {
  /** Where the server said it: the same code means different things at different steps. */
  step?: DeliveryStep | undefined;
  /** What is wrong with the account, where the words of the reply say so. */
  account?: AccountRefusalKind | undefined;
}

/**
 * A provider's circuit breaker. Closed: mail is sent. Open: no mail is sent until a probe can log in. Failures open it for all workers,
 * and one of them is elected to probe; those that this worker may have alone open it for this worker.
 */
export interface Circuit {
  /** True when no mail may be sent to the provider now. Costs no round trip. */
  readonly isOpen: boolean;
  /**
   * Reports a failure of the provider. The `after`-th in a row opens the circuit.
   * @param failure.wait ms until the first probe, then twice as long each time, up to `max`
   * @param failure.mayBeLocal other workers may still reach the provider
   */
  fail(reason: string, failure: FailureDetails & { after: number; wait: Backoff; mayBeLocal: boolean }): Promise<void>;
  /** Reports that the provider accepted a mail or a login: resets the failures in a row. */
  succeed(): Promise<void>;
}

/** A provider's sending rate, shared by all workers. */
export interface RateLimit {
  /**
   * Reserves the next sending slot.
   * @param maxMs a slot further away than that is not reserved
   * @returns ms until the slot; more than `maxMs` when none was reserved
   */
  take(maxMs: number): Promise<number>;
}

/** The OAuth access tokens of one provider, which all workers share. Both methods throw an error of the connection, which says what is wrong. */
export interface AccessTokens {
  /** The token to log in with now. */
  current(): Promise<string>;
  /**
   * Another token, after the provider refused this one.
   * @returns undefined where no other may be requested yet, so that a refused login never becomes a loop
   */
  replace(refused: string): Promise<string | undefined>;
}

/**
 * Anything that is started and stopped: a server, a pool, a consumer, a child process. `stop` may be called before `start` and more
 * than once. Services are stopped in the reverse of the order in which they were started, under one deadline.
 */
export interface Service {
  /** Names the service in log lines and errors. */
  readonly name: string;
  /** Resolves with an error for which the process has to stop, whenever that comes to light after `start` was called. */
  readonly failure?: Promise<Error>;
  /** Resolves when the service can be used. Throws with a reason that a person can act on. */
  start(): Promise<void>;
  /** Resolves when nothing of the service is left running. */
  stop(): Promise<void>;
  /** Reads again what it read from files, where it can do so while it runs. Resolves when what it read is in use or refused; never throws. */
  reload?(): Promise<void>;
}

/** An error whose message alone says what an operator has to fix. A process that cannot start or go on prints it without a stack. */
export interface OperatorError extends Error {
  readonly forOperator: true;
}
