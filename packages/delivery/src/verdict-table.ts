/**
 * What a server's answer, or its silence, means. The first row that matches decides. The reply code and the
 * enhanced status code speak first; an error code only where there was no reply.
 *
 * A 5yz without a row of its own fails, a 4yz retries: that is what the first digit promises (RFC 5321 section 4.2.1).
 */
import type { Verdict } from '@posthouse/contract';

/** Where in a delivery something was said or went wrong. */
export type DeliveryStep = 'CONNECT' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT';

/** One row: every condition that it names must hold. */
export interface VerdictRow {
  /** What the row is about, in words. */
  about: string;
  steps?: readonly DeliveryStep[];
  /** Reply codes, or the first digit of them as 4 or 5. */
  codes?: readonly number[];
  /** Enhanced status codes (RFC 3463), whole or a beginning such as `5.1.`. */
  enhanced?: readonly string[];
  /** Matches what the reply says. */
  text?: RegExp;
  /** Error codes, where there was no reply. */
  errors?: readonly string[];
  /** Only where the server said nothing: whether the message's bytes had begun to go out. */
  silence?: 'before the message' | 'after the message began';
  verdict: Exclude<Verdict, 'ACCEPT'>;
  /** ms to wait instead of what the schedule says. */
  waitMs?: number;
}

const second = 1000;
const minute = 60 * second;

/** The table. */
export const verdictTable: readonly VerdictRow[] = [
  {
    about: 'refused before it was offered: larger than the server said it takes (RFC 1870), or not an envelope',
    errors: ['EMESSAGE', 'EENVELOPE'],
    verdict: 'FAIL',
  },
  { about: 'the connection broke or timed out before the message went out', silence: 'before the message', verdict: 'DEFER' },
  {
    about: 'the connection broke after the message began; it may have arrived',
    silence: 'after the message began',
    verdict: 'RETRY',
    waitMs: 90 * second,
  },
  { about: 'the server closes the connection or is too busy', codes: [421], verdict: 'DEFER', waitMs: 30 * second },
  { about: 'the greeting, TLS or the login was refused', steps: ['CONNECT', 'AUTH'], verdict: 'DEFER', waitMs: minute },
  { about: 'a login is asked for', codes: [530, 534, 535, 538], verdict: 'DEFER', waitMs: minute },
  { about: 'a daily limit of the account', codes: [550], enhanced: ['5.4.5'], verdict: 'DEFER', waitMs: 10 * minute },
  { about: 'a sending rate of the account', codes: [454], text: /rate/i, verdict: 'DEFER', waitMs: 10 * second },
  { about: 'a quota of the account, or a temporary fault of its login', codes: [454], verdict: 'DEFER', waitMs: 10 * minute },
  {
    about: 'too many recipients for one transaction; the rest go in the next',
    steps: ['RCPT'],
    codes: [452],
    enhanced: ['4.5.3'],
    verdict: 'RETRY',
    waitMs: 0,
  },
  { about: 'this recipient receives too much at the moment', codes: [450], enhanced: ['4.2.1'], verdict: 'RETRY', waitMs: 15 * minute },
  { about: 'out of step with the server; a new connection mends it', codes: [503], verdict: 'RETRY', waitMs: 10 * second },
  { about: 'refused for now', codes: [4], verdict: 'RETRY' },
  { about: 'refused for good', codes: [5], verdict: 'FAIL' },
  { about: 'a reply that no rule of SMTP explains', verdict: 'RETRY' },
];
