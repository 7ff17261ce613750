/**
 * What a reason code means, in plain words. Our own codes are explained in packages/contract; here are the replies of SMTP servers, by
 * RFC 5321 section 4.2.3, RFC 3463 and the registry of enhanced status codes. Where relays agree on another meaning, that one is shown.
 */
import { type AccountRefusalKind, type DeliveryStep, describeReason } from '@posthouse/contract';
import { t, text } from './translate.ts';

/**
 * The code, and its meaning where there is more to say: `550 5.1.1: no such mailbox`.
 * @param step where the server said it, if that is known
 */
export function Reason({ reason, step }: { reason: string; step?: DeliveryStep | undefined }): JSX.Element {
  const meaning = explainReason(reason, step);
  return (
    <span>
      <span class="code" safe>
        {reason}
      </span>
      {meaning !== undefined && <span safe>{`: ${meaning}`}</span>}
    </span>
  );
}

/**
 * @param step where the server said it: the same code means different things at different steps
 * @returns one clause that continues `550 5.1.1: …`, in the language of the page; undefined for an unknown code
 */
export function explainReason(reason: string, step?: DeliveryStep): string | undefined {
  const meaning = meaningOf(reason, step);
  return meaning === undefined ? undefined : t(meaning);
}

/** Where the code of the reply says less than its words, or something else: `554 5.2.0` for a quota. */
const accountTexts: Partial<Record<AccountRefusalKind, string>> = {
  quota: text('quota of the account used up'),
  rate: text('sending rate or quota of the account used up'),
  suspended: text('the account is blocked or not activated'),
  'sender-not-allowed': text('sender address not allowed'),
};

/** Why a provider is not used, as {@link explainReason}: what its words say of the account comes before its code. */
export function explainCircuit({ reason, account }: { reason: string; account?: AccountRefusalKind }): string | undefined {
  const meaning = account && accountTexts[account];
  return meaning === undefined ? explainReason(reason) : t(meaning);
}

function meaningOf(reason: string, step: DeliveryStep | undefined): string | undefined {
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

const greylisted = text('greylisted: asks to try again later');
const accountLimit = text('sending limit of the account reached');
const loginUnavailable = text('the provider cannot check the login at the moment');
const busy = text('the server is busy at the moment');

const ofMessage: readonly (readonly [string, string])[] = [
  ['432 *', busy],
  ['450 4.2.1', accountLimit],
  ['450 4.7.1', text('rejected by policy at the moment')],
  ['451 4.7.1', text('rejected by policy at the moment')],
  ['452 4.5.3', accountLimit],
  ['454 *', text('sending rate or quota of the account used up')],
  ['550', text('message rejected')],
  ['553', text('message rejected')],
];

/** What a code means at one step. `454 *` stands for the code with any enhanced code; `550` counts where the enhanced code says nothing. */
const bySteps: Readonly<Record<DeliveryStep, ReadonlyMap<string, string>>> = {
  CONNECT: new Map([
    ['421 *', text('the server accepts no more connections at the moment')],
    ['554 *', text('the server accepts no mail from this client')],
  ]),
  AUTH: new Map([
    ['432 *', text('the provider requires a new password')],
    ['450 *', loginUnavailable],
    ['451 *', loginUnavailable],
    ['454 *', loginUnavailable],
    [
      '535 5.7.139',
      text('SMTP AUTH is switched off for the mailbox or the tenant (Microsoft 365), or a policy or a wrong password forbids it'),
    ],
    ['550 5.7.30', text('logins with a password are switched off (Microsoft 365); use OAuth')],
    ['535 5.7.3', text('login refused (Microsoft 365): with OAuth the app needs SMTP.SendAsApp and access to the mailbox')],
  ]),
  MAIL: new Map([
    ...ofMessage,
    ['501', text('sender address rejected')],
    ['550', text('sender address not allowed')],
    ['553', text('sender address not allowed')],
  ]),
  RCPT: new Map([
    ['450 4.2.0', greylisted],
    ['450 4.2.1', text('the mailbox receives too much mail at the moment')],
    ['450 4.7.1', greylisted],
    ['451 4.7.1', greylisted],
    ['452 4.5.3', text('too many recipients in one transaction')],
  ]),
  DATA: new Map(ofMessage),
  DOT: new Map([...ofMessage, ['554 5.2.2', text('mailbox full: of a recipient, or of the sending account')]]),
};

/** Where the reply code, alone or with its enhanced code, says more than the enhanced code; at a step that is unknown or has no other meaning. */
const replies = new Map([
  ['421', text('the server is too busy or closes the connection')],
  ['450 4.2.1', text('sending limit of this mailbox or account reached')],
  ['450 4.2.0', greylisted],
  ['450 4.7.1', text('greylisted or rejected by policy at the moment')],
  ['451 4.7.1', text('greylisted or rejected by policy at the moment')],
  ['452 4.5.3', text('too many recipients in one transaction')],
  ['550 5.4.5', text('daily sending limit of the account reached')],
  ['554 5.2.0', text('error or quota of a mailbox: of a recipient, or of the sending account')],
  ['530', text('the provider requires a login')],
  ['534', text('the provider requires another login method or an app password')],
  ['535', text('the provider rejects the login; check user and password')],
  ['538', text('the provider requires TLS before the login')],
  ['503', text('wrong order of commands; a new connection fixes it')],
]);

/** By subject and detail of the enhanced code. Its class repeats the first digit of the reply code. */
const details = new Map([
  ['1.0', text('address rejected')],
  ['1.1', text('no such mailbox')],
  ['1.2', text('no such mail domain; check the spelling')],
  ['1.3', text('invalid address')],
  ['1.4', text('ambiguous address')],
  ['1.6', text('mailbox moved, no forwarding address')],
  ['1.7', text('sender address rejected')],
  ['1.8', text('sender domain rejected')],
  ['1.10', text('domain does not accept mail')],
  ['2.0', text('mailbox error')],
  ['2.1', text('mailbox disabled')],
  ['2.2', text('mailbox full')],
  ['2.3', text('message too large for the mailbox')],
  ['2.4', text('mailing list error')],
  ['3.0', text('mail system error')],
  ['3.1', text('disk of the mail server is full')],
  ['3.2', text('mail server is not accepting mail at the moment')],
  ['3.4', text('message too large')],
  ['3.5', text('mail server misconfigured')],
  ['4.0', text('network error on the way to the mail server')],
  ['4.1', text("no response from the recipient's mail server")],
  ['4.2', text("connection to the recipient's mail server broke")],
  ['4.3', text('directory service of the mail server does not respond')],
  ['4.4', text("no route to the recipient's mail server; check the spelling of the domain")],
  ['4.5', text('mail server overloaded')],
  ['4.6', text('mail loop detected')],
  ['4.7', text('delivery time of the relay expired')],
  ['5.3', text('too many recipients')],
  ['6.0', text('content rejected')],
  ['7.0', text('rejected by policy')],
  ['7.1', text('rejected by policy: sender, server or content is not allowed')],
  ['7.8', text('the provider rejects the login; check user and password')],
  ['7.9', text('the provider requires another login method')],
  ['7.13', text('account disabled')],
  ['7.20', text('no valid DKIM signature')],
  ['7.23', text("SPF check failed: the sender's domain does not allow this server")],
  ['7.24', text("invalid SPF record of the sender's domain")],
  ['7.25', text('no reverse DNS record for the sending server')],
  ['7.26', text('neither SPF nor DKIM is valid')],
  ['7.27', text("the sender's domain does not accept mail")],
  ['7.28', text('too much mail from this sender at the moment')],
]);

/** By the reply code, where there is no enhanced code or an unknown one. */
const replyCodes = new Map([
  ['250', text('accepted by the relay')],
  ['432', text('the server is busy, or the provider requires a new password')],
  ['450', text('mailbox busy or temporarily blocked')],
  ['451', text('error on the server')],
  ['452', text('server out of space')],
  ['454', text('the provider cannot check the login, or the quota is used up')],
  ['500', text('command unknown to the server: a bug in Posthouse')],
  ['501', text('command syntax rejected by the server: a bug in Posthouse')],
  ['502', text('command not supported by the server: a bug in Posthouse')],
  ['504', text('command parameter not supported by the server: a bug in Posthouse')],
  ['521', text('domain does not accept mail')],
  ['550', text('mailbox unknown, or mail to it not allowed')],
  ['551', text('no such mailbox on this server')],
  ['552', text('message too large or mailbox full')],
  ['553', text('address not allowed')],
  ['554', text('mail rejected')],
  ['556', text('domain does not accept mail')],
]);

const classes = new Map([
  ['2', text('accepted by the relay')],
  ['4', text('temporary failure')],
  ['5', text('permanent failure')],
]);
