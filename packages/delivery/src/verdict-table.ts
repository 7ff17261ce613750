/**
 * What a server's reply means, or the lack of one. The first row that matches decides. The reply code and the enhanced status code count
 * first; an error code only where there was no reply. What relays are known to say about an account comes before this table:
 * account-refusals.ts.
 *
 * A reply without a row of its own is decided by its first digit (RFC 5321 section 4.2.1): 4yz retries, 5yz fails, anything else retries.
 */
import { type DeliveryStep, reasons } from '@posthouse/contract';
import { certificateRefused } from './connection-error.ts';
import type { VerdictRow } from './verdict-row.ts';

/** The server is busy: fewer connections, and no attempt is used while it accepts nothing else. */
const busy = {
  verdict: 'DEFER',
  ownVerdict: 'RETRY',
  wait: 'busy',
  failure: { kind: 'busy', after: 5 },
  slowDown: 'connections',
} as const satisfies Partial<VerdictRow>;

/** Mail waits for a change of the configuration, or of the provider's. */
const login = { verdict: 'OPEN', failure: { kind: 'login', after: 1 }, alert: true } as const satisfies Partial<VerdictRow>;

/** The same, where the cause may be this worker. */
const ofThisWorker = { kind: 'login', after: 1, mayBeLocal: true } as const;

/** Errors of the TLS protocol; waiting does not fix them. */
const tls = /^(ETLS|EPROTO$|ERR_TLS_|ERR_SSL_)/;

/** The look-up failed, there is no route, or this process or machine has no socket to give. */
const ownNetwork = /^(ENOTFOUND|EAI_|EDNS|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EACCES|EPERM|EMFILE|ENFILE|ENOBUFS)/;

/** The steps that speak of the sender or the message, not of a recipient. */
const ofMessage = ['MAIL', 'DATA', 'DOT'] as const satisfies readonly DeliveryStep[];

/** Why there is no access token, where only a change of the configuration, or of the provider's, helps. */
const tokenReasons = Object.keys(reasons).filter((reason) => /^token-(?!unreachable|unknown)/.test(reason)) as (keyof typeof reasons)[];

/** What a reply, or its absence, means: the first row that matches decides. */
export const verdictTable: readonly VerdictRow[] = [
  // No reply: the error code decides.
  {
    meaning: 'not sent: cancelled, lease lost, worker stopping, or Redis unavailable',
    error: /^(gate-denied|lease-lost|worker-stopping)$/,
    verdict: 'DEFER',
  },
  { meaning: 'the envelope cannot be written in SMTP commands', error: /^EENVELOPE$/, verdict: 'FAIL' },
  {
    meaning: 'the provider cannot take this message',
    error: /^(EMESSAGE|too-large-for-provider|smtputf8-not-offered|eightbitmime-not-offered)$/,
    verdict: 'FAIL',
    unsupported: true,
  },
  { meaning: 'the message was sent and no reply came', noReply: 'after the message started', verdict: 'UNKNOWN', wait: 'unknown' },
  {
    meaning: 'SMTP_URL has the wrong scheme for this port: smtps:// is TLS from the first byte, smtp:// is STARTTLS',
    error: /^wrong-scheme$/,
    ...login,
  },
  {
    meaning: "the provider's certificate is not accepted",
    error: certificateRefused,
    ...login,
    failure: ofThisWorker,
  },
  { meaning: 'TLS with the provider failed', error: tls, ...login },
  { meaning: 'Redis did not return the access token', error: /^token-unknown$/, verdict: 'DEFER' },
  {
    meaning: 'the token endpoint cannot be reached',
    error: /^token-unreachable$/,
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 1, mayBeLocal: true },
    alert: true,
  },
  ...tokenReasons.map((reason) => ({
    meaning: reasons[reason].meaning,
    error: new RegExp(`^${reason}$`),
    ...login,
    ...(reason === 'token-clock' && { failure: ofThisWorker }),
  })),
  {
    meaning: 'the provider offers no login with a password, or refuses it',
    error: /^(ENOAUTH|EAUTH|oauth-required)$/,
    ...login,
  },
  {
    meaning: 'the server closes the connection at a recipient',
    steps: ['RCPT'],
    error: /^(ECONN|EPIPE|ESOCKET)/,
    verdict: 'DEFER',
    ownVerdict: 'RETRY',
    failure: { kind: 'unreachable', after: 5 },
  },
  {
    meaning: 'replies and commands are out of step; retried on a new connection',
    error: /^out-of-step$/,
    verdict: 'DEFER',
    ownVerdict: 'RETRY',
    failure: { kind: 'unreachable', after: 5 },
    alert: true,
  },
  {
    meaning: 'this worker cannot reach the provider: look-up, route or sockets fail',
    error: ownNetwork,
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 5, mayBeLocal: true },
    alert: true,
  },
  {
    meaning: 'the provider cannot be reached or does not reply',
    noReply: 'before the message',
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 5 },
  },

  // The server ends the connection.
  {
    meaning: 'the server closes a connection that was used before',
    reused: true,
    codes: [421],
    verdict: 'DEFER',
    ownVerdict: 'RETRY',
  },
  {
    meaning: 'the server closes the connection at a recipient',
    steps: ['RCPT'],
    codes: [421],
    verdict: 'DEFER',
    ownVerdict: 'RETRY',
    failure: { kind: 'busy', after: 5 },
  },
  {
    meaning: 'the server is busy or closes the connection',
    codes: [421],
    verdict: 'OPEN',
    ownVerdict: 'RETRY',
    failure: { kind: 'busy', after: 1 },
  },

  // Failures of the provider or the account.
  {
    meaning: 'daily limit of the account reached',
    codes: [550],
    enhanced: ['5.4.5'],
    verdict: 'OPEN',
    failure: { kind: 'quota', after: 1 },
    alert: true,
  },
  {
    meaning: 'sending rate of the account exceeded',
    steps: ofMessage,
    codes: [4],
    text: /\b(sending|message|submission|mail) rate\b|\brate limit|\bratelimit|\bthrottl(ed|ing)\b/i,
    verdict: 'DEFER',
    wait: 'rate',
    failure: { kind: 'busy', after: 10 },
    slowDown: 'rate',
  },
  {
    meaning: 'the provider wants a new password',
    steps: ['AUTH'],
    codes: [432],
    ...login,
  },
  {
    meaning: 'temporary failure of the login',
    steps: ['AUTH'],
    codes: [454, 450, 451],
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 1 },
  },
  {
    meaning: 'quota of the account used up',
    // In reply to STARTTLS, 454 says that TLS is not available at the moment (RFC 3207 section 4).
    steps: [...ofMessage, 'RCPT'],
    codes: [454],
    verdict: 'OPEN',
    failure: { kind: 'quota', after: 1 },
    alert: true,
  },
  {
    meaning: 'the recipient receives too much mail at the moment',
    steps: ofMessage,
    codes: [4],
    text: /\b(user|recipient)\b.{0,60} receiving mail|recipient thread limit/i,
    verdict: 'RETRY',
    wait: 'recipientBusy',
  },
  {
    meaning: 'rate limit of the account',
    steps: ['CONNECT', ...ofMessage],
    codes: [450],
    enhanced: ['4.2.1'],
    verdict: 'OPEN',
    failure: { kind: 'quota', after: 1 },
    alert: true,
  },
  { meaning: 'the server is busy', steps: ofMessage, codes: [432], ...busy },
  { meaning: 'the server is busy', steps: ofMessage, codes: [4], enhanced: ['4.3.0', '4.3.1', '4.3.2'], ...busy },
  { meaning: 'the server is out of space', steps: ofMessage, codes: [452], enhanced: [''], ...busy },
  {
    meaning:
      'Microsoft 365 has SMTP AUTH switched off, for the mailbox or the tenant: switch it on, and use ?auth=oauth; or a policy or a wrong password forbids it',
    steps: ['AUTH'],
    codes: [535],
    enhanced: ['5.7.139'],
    ...login,
  },
  {
    meaning:
      'Microsoft 365 refuses the login: with OAuth the app needs SMTP.SendAsApp and access to the mailbox; with a password that is wrong',
    steps: ['AUTH'],
    codes: [535],
    enhanced: ['5.7.3'],
    ...login,
  },
  {
    meaning: 'Microsoft 365 takes no passwords any more: use ?auth=oauth',
    steps: ['AUTH'],
    codes: [550],
    enhanced: ['5.7.30'],
    ...login,
  },
  {
    meaning: 'login refused or required',
    codes: [530, 534, 535, 538],
    ...login,
  },
  {
    meaning: 'temporary failure of the greeting or the login',
    steps: ['CONNECT', 'AUTH'],
    codes: [4],
    verdict: 'DEFER',
    failure: { kind: 'unreachable', after: 5 },
  },
  {
    meaning: 'greeting or login refused',
    steps: ['CONNECT', 'AUTH'],
    ...login,
  },

  // Failures of a recipient or of the mail.
  {
    meaning: 'too many recipients for one transaction; the others follow in the next',
    steps: ['RCPT'],
    codes: [452],
    enhanced: ['4.5.3'],
    othersAccepted: true,
    verdict: 'RETRY',
    wait: 'none',
  },
  {
    // RFC 5321 section 4.5.3.1.10: a 552 with this meaning counts as a 452. Other servers reply 550.
    meaning: 'too many recipients for one transaction; the others follow in the next',
    steps: ['RCPT'],
    codes: [452, 550, 552],
    text: /\btoo many recipients\b/i,
    othersAccepted: true,
    verdict: 'RETRY',
    wait: 'none',
  },
  {
    meaning: 'too many recipients, and none was accepted',
    steps: ['RCPT'],
    codes: [452],
    enhanced: ['4.5.3'],
    verdict: 'DEFER',
    ownVerdict: 'RETRY',
    wait: 'tooManyRecipients',
  },
  {
    meaning: 'the recipient receives too much mail at the moment',
    steps: ['RCPT'],
    codes: [450],
    enhanced: ['4.2.1'],
    verdict: 'RETRY',
    wait: 'recipientBusy',
  },
  { meaning: 'bad sequence of commands; retried on a new connection', codes: [503], verdict: 'RETRY', wait: 'outOfStep' },
  { meaning: 'the server does not accept a command: a bug in Posthouse', codes: [500, 501, 502, 504], verdict: 'FAIL', alert: true },
  {
    meaning: 'the provider cannot take this message',
    steps: ofMessage,
    codes: [5],
    enhanced: ['5.2.3', '5.3.4', '5.6.3', '5.6.7'],
    verdict: 'FAIL',
    unsupported: true,
  },
  { meaning: 'rejected by policy', steps: ofMessage, codes: [5], enhanced: ['5.7.1'], verdict: 'FAIL', alert: true },
  { meaning: 'temporary failure', codes: [4], verdict: 'RETRY' },
  { meaning: 'permanent failure', codes: [5], verdict: 'FAIL' },
  { meaning: 'reply outside SMTP', verdict: 'RETRY' },
];
