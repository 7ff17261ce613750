/**
 * What a reason code means, in plain words: our own codes, and the replies of SMTP servers, by RFC 5321 section 4.2.3, RFC 3463 and the
 * registry of enhanced status codes. Where relays agree on another meaning, that one is taken.
 */
import type { DeliveryStep } from './delivery-attempt.ts';
import type { AccountRefusalKind, FailureDetails } from './ports.ts';
import { describeReason } from './reasons.ts';

/** Where the code of the reply says less than its words, or something else: `554 5.2.0` for a quota. */
const accountTexts: Partial<Record<AccountRefusalKind, string>> = {
  quota: 'quota of the account used up',
  rate: 'sending rate or quota of the account used up',
  suspended: 'the account is blocked or not activated',
  'sender-not-allowed': 'sender address not allowed',
};

/** Why a provider is not used, as {@link meaningOfReason}: what its words say of the account comes before its code. */
export function meaningOfCircuit({ reason, account, step }: FailureDetails & { reason: string }): string | undefined {
  return (account && accountTexts[account]) ?? meaningOfReason(reason, step);
}

/**
 * @param step where the server said it: the same code means different things at different steps
 * @returns one clause that continues `550 5.1.1: …`; undefined for an unknown code
 */
export function meaningOfReason(reason: string, step?: DeliveryStep): string | undefined {
  const [, code = '', enhanced] = /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))?$/.exec(reason) ?? [];
  if (code === '') return describeReason(reason)?.meaning;
  const detail = enhanced?.slice(2) ?? '';
  const atStep = step === undefined ? undefined : bySteps[step];
  return (
    atStep?.get(reason) ??
    atStep?.get(`${code} *`) ??
    replies.get(reason) ??
    replies.get(code) ??
    details.get(detail) ??
    atStep?.get(code) ??
    replyCodes.get(code) ??
    classes.get(code.charAt(0))
  );
}

const greylisted = 'greylisted: asks to try again later';
const accountLimit = 'sending limit of the account reached';
const loginUnavailable = 'the provider cannot check the login at the moment';
const busy = 'the server is busy at the moment';

const ofMessage: readonly (readonly [string, string])[] = [
  ['432 *', busy],
  ['450 4.2.1', accountLimit],
  ['450 4.7.1', 'rejected by policy at the moment'],
  ['451 4.7.1', 'rejected by policy at the moment'],
  ['452 4.5.3', accountLimit],
  ['454 *', 'sending rate or quota of the account used up'],
  ['550', 'message rejected'],
  ['553', 'message rejected'],
];

/** What a code means at one step. `454 *` stands for the code with any enhanced code; `550` counts where the enhanced code says nothing. */
const bySteps: Readonly<Record<DeliveryStep, ReadonlyMap<string, string>>> = {
  CONNECT: new Map([
    ['421 *', 'the server accepts no more connections at the moment'],
    ['554 *', 'the server accepts no mail from this client'],
  ]),
  AUTH: new Map([
    ['432 *', 'the provider requires a new password'],
    ['450 *', loginUnavailable],
    ['451 *', loginUnavailable],
    ['454 *', loginUnavailable],
  ]),
  MAIL: new Map([
    ...ofMessage,
    ['501', 'sender address rejected'],
    ['550', 'sender address not allowed'],
    ['553', 'sender address not allowed'],
  ]),
  RCPT: new Map([
    ['450 4.2.0', greylisted],
    ['450 4.2.1', 'the mailbox receives too much mail at the moment'],
    ['450 4.7.1', greylisted],
    ['451 4.7.1', greylisted],
    ['452 4.5.3', 'too many recipients in one transaction'],
  ]),
  DATA: new Map(ofMessage),
  DOT: new Map([...ofMessage, ['554 5.2.2', 'mailbox full: of a recipient, or of the sending account']]),
};

/** Where the reply code, alone or with its enhanced code, says more than the enhanced code; at a step that is unknown or has no other meaning. */
const replies = new Map([
  ['421', 'the server is too busy or closes the connection'],
  ['450 4.2.1', 'sending limit of this mailbox or account reached'],
  ['450 4.2.0', greylisted],
  ['450 4.7.1', 'greylisted or rejected by policy at the moment'],
  ['451 4.7.1', 'greylisted or rejected by policy at the moment'],
  ['452 4.5.3', 'too many recipients in one transaction'],
  ['550 5.4.5', 'daily sending limit of the account reached'],
  ['554 5.2.0', 'error or quota of a mailbox: of a recipient, or of the sending account'],
  [
    '535 5.7.139',
    'SMTP AUTH is switched off for the mailbox or the tenant (Microsoft 365): switch it on, and use OAuth; or a policy or a wrong password forbids it',
  ],
  ['550 5.7.30', 'logins with a password are switched off (Microsoft 365); use OAuth'],
  ['535 5.7.3', 'login refused (Microsoft 365): with OAuth the app needs SMTP.SendAsApp and access to the mailbox'],
  ['530', 'the provider requires a login'],
  ['534', 'the provider requires another login method or an app password'],
  ['535', 'the provider rejects the login; check user and password'],
  ['538', 'the provider requires TLS before the login'],
  ['503', 'wrong order of commands; a new connection fixes it'],
]);

/** By subject and detail of the enhanced code. Its class repeats the first digit of the reply code. */
const details = new Map([
  ['1.0', 'address rejected'],
  ['1.1', 'no such mailbox'],
  ['1.2', 'no such mail domain; check the spelling'],
  ['1.3', 'invalid address'],
  ['1.4', 'ambiguous address'],
  ['1.6', 'mailbox moved, no forwarding address'],
  ['1.7', 'sender address rejected'],
  ['1.8', 'sender domain rejected'],
  ['1.10', 'domain does not accept mail'],
  ['2.0', 'mailbox error'],
  ['2.1', 'mailbox disabled'],
  ['2.2', 'mailbox full'],
  ['2.3', 'message too large for the mailbox'],
  ['2.4', 'mailing list error'],
  ['3.0', 'mail system error'],
  ['3.1', 'disk of the mail server is full'],
  ['3.2', 'mail server is not accepting mail at the moment'],
  ['3.4', 'message too large'],
  ['3.5', 'mail server misconfigured'],
  ['4.0', 'network error on the way to the mail server'],
  ['4.1', "no response from the recipient's mail server"],
  ['4.2', "connection to the recipient's mail server broke"],
  ['4.3', 'directory service of the mail server does not respond'],
  ['4.4', "no route to the recipient's mail server; check the spelling of the domain"],
  ['4.5', 'mail server overloaded'],
  ['4.6', 'mail loop detected'],
  ['4.7', 'delivery time of the relay expired'],
  ['5.3', 'too many recipients'],
  ['6.0', 'content rejected'],
  ['7.0', 'rejected by policy'],
  ['7.1', 'rejected by policy: sender, server or content is not allowed'],
  ['7.8', 'the provider rejects the login; check user and password'],
  ['7.9', 'the provider requires another login method'],
  ['7.13', 'account disabled'],
  ['7.20', 'no valid DKIM signature'],
  ['7.23', "SPF check failed: the sender's domain does not allow this server"],
  ['7.24', "invalid SPF record of the sender's domain"],
  ['7.25', 'no reverse DNS record for the sending server'],
  ['7.26', 'neither SPF nor DKIM is valid'],
  ['7.27', "the sender's domain does not accept mail"],
  ['7.28', 'too much mail from this sender at the moment'],
]);

/** By the reply code, where there is no enhanced code or an unknown one. */
const replyCodes = new Map([
  ['250', 'accepted by the relay'],
  ['432', 'the server is busy, or the provider requires a new password'],
  ['450', 'mailbox busy or temporarily blocked'],
  ['451', 'error on the server'],
  ['452', 'server out of space'],
  ['454', 'the provider cannot check the login, or the quota is used up'],
  ['500', 'command unknown to the server: a bug in Posthouse'],
  ['501', 'command syntax rejected by the server: a bug in Posthouse'],
  ['502', 'command not supported by the server: a bug in Posthouse'],
  ['504', 'command parameter not supported by the server: a bug in Posthouse'],
  ['521', 'domain does not accept mail'],
  ['550', 'mailbox unknown, or mail to it not allowed'],
  ['551', 'no such mailbox on this server'],
  ['552', 'message too large or mailbox full'],
  ['553', 'address not allowed'],
  ['554', 'mail rejected'],
  ['556', 'domain does not accept mail'],
]);

const classes = new Map([
  ['2', 'accepted by the relay'],
  ['4', 'temporary failure'],
  ['5', 'permanent failure'],
]);

/** Every meaning of a reply. */
export const replyMeanings: readonly string[] = [
  ...Object.values(accountTexts),
  ...[...Object.values(bySteps), replies, details, replyCodes, classes].flatMap((table) => [...table.values()]),
];
