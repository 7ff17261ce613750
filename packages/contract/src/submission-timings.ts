/** How long SMTP submission waits for its clients; in ms. */

import type { Backoff } from './backoff.ts';
import { minute, second } from './duration.ts';

/** The timings of SMTP submission. */
export interface SubmissionTimings {
  /** From the connection to a login: TLS included. */
  readonly login: number;
  /** Without a command (RFC 5321 section 4.5.3.2.7 asks for five minutes). */
  readonly idle: number;
  /** Of a message that has not ended, `limits.bodyProgressBytes` must arrive in each such time. */
  readonly progress: number;
  /** The whole of a message. */
  readonly message: number;
  /** A wrong API key is answered that late, doubled with each of an address. */
  readonly wrongKey: Backoff;
  /** How long the wrong API keys of an address are counted, from the latest on. */
  readonly wrongKeyMemory: number;
  /** How often the files of certificate and key are read. */
  readonly certificate: number;
  /** When the process stops: how long a message that is coming in may go on. A little less than `stop`. */
  readonly stopGrace: number;
}

/** Those of production. */
export const submissionTimings: SubmissionTimings = {
  login: 30 * second,
  idle: 5 * minute,
  progress: 10 * second,
  message: 10 * minute,
  wrongKey: { initial: 500, max: 8 * second },
  wrongKeyMemory: 10 * minute,
  certificate: 10 * second,
  stopGrace: 25 * second,
};
