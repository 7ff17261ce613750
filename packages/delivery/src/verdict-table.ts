/**
 * What a server's answer, or its silence, means. The first row that matches decides. The reply code and the
 * enhanced status code speak first; an error code only where there was no reply.
 *
 * A reply without a row of its own goes by its first digit (RFC 5321 section 4.2.1): 4yz retries, 5yz fails, and what no
 * rule of SMTP explains retries.
 */
import type { FailureKind, Timings, Verdict } from '@posthouse/contract';

/** Where in a delivery something was said or went wrong. */
export type DeliveryStep = 'CONNECT' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT';

/** One row: every condition that it names must hold. */
export interface VerdictRow {
  /** What the row is about, in words. */
  about: string;
  steps?: readonly DeliveryStep[];
  /** Reply codes, or the first digit of them as 4 or 5. */
  codes?: readonly number[];
  /** Enhanced status codes (RFC 3463). */
  enhanced?: readonly string[];
  /** Matches what the reply says. */
  text?: RegExp;
  /** Matches the error code, where there was no reply. */
  error?: RegExp;
  /** Only where the server said nothing: whether the message had begun to go out. */
  silence?: 'before the message' | 'after the message began';
  verdict: Exclude<Verdict, 'ACCEPT'>;
  /** The wait that takes the place of the schedule's. */
  wait?: Exclude<keyof Timings['reply'], 'rolloutMax'> | 'none';
  /** What is wrong with the provider, and how many in a row open its circuit. */
  failure?: { kind: FailureKind; after: number };
  /** Somebody should look: it says more about us or the provider than about this mail. */
  alert?: true;
}

/** TLS faults that no waiting mends: the certificate or the protocol. */
const tls = /^(ETLS|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** The table. */
export const verdictTable: readonly VerdictRow[] = [
  // Said by us: no reply at all.
  { about: 'the gate was shut: cancelled, taken over, or Redis away', error: /^EGATEDENIED$/, verdict: 'DEFER' },
  {
    about: 'refused before it was offered: larger than the server takes (RFC 1870), or no envelope',
    error: /^(EMESSAGE|EENVELOPE)$/,
    verdict: 'FAIL',
  },
  { about: 'the message began to go out and no reply came back', silence: 'after the message began', verdict: 'UNKNOWN', wait: 'unknown' },
  { about: 'the certificate or the TLS of the provider', error: tls, verdict: 'OPEN', failure: { kind: 'login', after: 1 }, alert: true },
  {
    about: 'the login could not be tried: none is offered',
    error: /^(ENOAUTH|EAUTH)$/,
    verdict: 'OPEN',
    failure: { kind: 'login', after: 1 },
    alert: true,
  },
  {
    about: 'the provider cannot be reached, or fell silent',
    silence: 'before the message',
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 5 },
  },

  // The provider's own trouble.
  { about: 'the server closes the connection or is too busy', codes: [421], verdict: 'OPEN', failure: { kind: 'busy', after: 1 } },
  {
    about: 'a daily limit of the account',
    codes: [550],
    enhanced: ['5.4.5'],
    verdict: 'OPEN',
    failure: { kind: 'quota', after: 1 },
    alert: true,
  },
  { about: 'a sending rate of the account', codes: [454], text: /rate/i, verdict: 'DEFER', wait: 'rate' },
  {
    about: 'a login that cannot be checked just now',
    steps: ['AUTH'],
    codes: [454, 432, 450, 451],
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 1 },
  },
  { about: 'a quota of the account', codes: [454], verdict: 'OPEN', failure: { kind: 'quota', after: 1 }, alert: true },
  {
    about: 'a limit of the relay',
    steps: ['CONNECT', 'MAIL', 'DATA', 'DOT'],
    codes: [450],
    enhanced: ['4.2.1'],
    verdict: 'OPEN',
    failure: { kind: 'quota', after: 1 },
    alert: true,
  },
  {
    about: 'the login was refused, or one is asked for',
    codes: [530, 534, 535, 538],
    verdict: 'OPEN',
    failure: { kind: 'login', after: 1 },
    alert: true,
  },
  {
    about: 'the greeting or the login was refused for now',
    steps: ['CONNECT', 'AUTH'],
    codes: [4],
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 5 },
  },
  {
    about: 'the greeting or the login was refused',
    steps: ['CONNECT', 'AUTH'],
    verdict: 'OPEN',
    failure: { kind: 'login', after: 1 },
    alert: true,
  },

  // About a recipient or the mail.
  {
    about: 'too many recipients for one transaction; the rest go in the next',
    steps: ['RCPT'],
    codes: [452],
    enhanced: ['4.5.3'],
    verdict: 'RETRY',
    wait: 'none',
  },
  {
    about: 'this recipient receives too much at the moment',
    steps: ['RCPT'],
    codes: [450],
    enhanced: ['4.2.1'],
    verdict: 'RETRY',
    wait: 'recipientBusy',
  },
  { about: 'out of step with the server; a new connection mends it', codes: [503], verdict: 'RETRY', wait: 'outOfStep' },
  { about: 'a command that the server does not take: a fault of ours', codes: [500, 501, 502, 504], verdict: 'FAIL', alert: true },
  { about: 'refused by policy', steps: ['MAIL', 'DATA', 'DOT'], codes: [5], enhanced: ['5.7.1'], verdict: 'FAIL', alert: true },
  { about: 'refused for now', codes: [4], verdict: 'RETRY' },
  { about: 'refused for good', codes: [5], verdict: 'FAIL' },
  { about: 'a reply that no rule of SMTP explains', verdict: 'RETRY' },
];
