/**
 * What a reason says, in plain words. A reason is a reply code with its enhanced status code (`550 5.1.1`), an error code of the
 * connection (`ECONNREFUSED`), or a word of ours (`template-data`). Codes by RFC 5321 section 4.2.3, RFC 3463 and their registry;
 * where relays have agreed on another meaning, by that.
 */

/** @returns words that go on after the reason, as in `550 5.1.1: there is no such mailbox`; undefined where it speaks for itself */
export function explainReason(reason: string): string | undefined {
  const [, code = '', enhanced] = /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))?$/.exec(reason) ?? [];
  if (code === '') return ownWords.get(reason) ?? errorWords.find(([pattern]) => pattern.test(reason))?.[1];
  return (
    replies.get(reason) ?? replies.get(code) ?? details.get(enhanced?.slice(2) ?? '') ?? fallbacks.get(code) ?? classes.get(code.charAt(0))
  );
}

/** Said by us. */
const ownWords = new Map([
  ['no-reply', 'the message went out and no reply came back: it may have arrived'],
  ['circuit-open', 'every provider is in trouble and left alone until a probe finds one well'],
  ['rate-limited', "the provider's sending rate is used up for now"],
  ['no-verdict', 'run after run ended without a verdict: look whether this mail kills its workers'],
  ['expired', 'its time was over before it could go out'],
  ['cancelled', 'it was taken back before it went out'],
  ['resolved', 'a person found out that it had arrived'],
  ['template-unknown', 'there is no template of this name any more'],
  ['template-data', 'the data no longer fits the template: it has changed since the mail was accepted'],
  ['render', 'the template does not render with this data'],
  ['compose', 'no message can be made of it'],
  ['content-missing', 'the record no longer holds what the mail says'],
  ['record-unreadable', 'the record cannot be read'],
  ['key-missing', 'it was sealed with a key that this worker does not have: look at POSTHOUSE_SECRET'],
  ['internal', 'a fault of ours: the log of the worker says more'],
]);

/** Said by the connection, where no server replied. */
const errorWords: readonly [RegExp, string][] = [
  [/^EGATEDENIED$/, 'the mail was taken back, another worker has it, or Redis was away: nothing was sent'],
  [/^(ENOTFOUND|EAI_AGAIN|EDNS)$/, "the provider's name is not found: look at SMTP_URL and at DNS"],
  [/^ECONNREFUSED$/, "nothing listens at the provider's address and port"],
  [/^(ECONNRESET|ECONNECTION|ECONNABORTED|EPIPE|ESOCKET|ESTREAM)$/, 'the connection to the provider broke'],
  [/^(ETIMEDOUT|EDEADLINE)$/, 'the provider did not answer in time'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/, "there is no way to the provider's network"],
  [/^CERT_HAS_EXPIRED$/, "the provider's certificate has expired"],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, "the provider's certificate is for another name"],
  [/^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_)/, "the provider's certificate is not trusted here: look at SMTP_CA_FILE"],
  [/^(ETLS|ERR_TLS_|ERR_SSL_|EREQUIRETLS)/, 'TLS with the provider fails'],
  [/^EAUTH$/, 'the provider refuses our login'],
  [/^ENOAUTH$/, 'the provider offers no login, so ours was not tried'],
  [/^EMESSAGE$/, 'the message is larger than the provider takes'],
  [/^EENVELOPE$/, 'the sender or the recipients cannot be written as SMTP wants them'],
  [/^EPROTOCOL$/, 'the server said what no rule of SMTP explains'],
];

const greylisted = 'the server wants to be asked again later, as it does of every sender it has not met';

/** Where the reply code, alone or with its enhanced code, says more than the latter. */
const replies = new Map([
  ['421', 'the provider is too busy, or closes the connection'],
  ['450 4.2.1', 'too much mail for this mailbox, or through this account, at the moment'],
  ['450 4.2.0', greylisted],
  ['450 4.7.1', greylisted],
  ['451 4.7.1', greylisted],
  ['452 4.5.3', 'too many recipients at a time: the rest go with the next transaction'],
  ['550 5.4.5', 'the daily limit of the account is reached'],
  ['530', 'the provider wants a login'],
  ['534', 'the provider wants another kind of login, or an app password'],
  ['535', 'the provider refuses our login'],
  ['538', 'the provider wants encryption before a login'],
  ['503', 'out of step with the server; a new connection mends it'],
]);

/** By subject and detail of the enhanced code; its first digit, for now or for good, the reply code says too. */
const details = new Map([
  ['1.0', 'the address is refused'],
  ['1.1', 'there is no such mailbox'],
  ['1.2', 'there is no such mail domain: is it spelt right?'],
  ['1.3', 'that is no address'],
  ['1.4', 'several mailboxes fit the address'],
  ['1.6', 'the mailbox has moved and left no new address'],
  ['1.7', "the sender's address is refused"],
  ['1.8', "the sender's domain is refused"],
  ['1.10', 'the domain takes no mail'],
  ['2.0', 'the mailbox is in trouble'],
  ['2.1', 'the mailbox is switched off'],
  ['2.2', 'the mailbox is full'],
  ['2.3', 'the message is too large for the mailbox'],
  ['2.4', 'the mailing list is in trouble'],
  ['3.0', 'the mail server is in trouble'],
  ['3.1', "the mail server's disk is full"],
  ['3.2', 'the mail server takes no mail at the moment'],
  ['3.4', 'the message is too large'],
  ['3.5', 'the mail server is set up wrongly'],
  ['4.0', 'the way to the mail server is in trouble'],
  ['4.1', "the recipient's mail server does not answer"],
  ['4.2', "the connection to the recipient's mail server broke"],
  ['4.3', 'a directory that the mail server needs does not answer'],
  ['4.4', "there is no way to the recipient's mail server: is the domain spelt right?"],
  ['4.5', 'the mail server has too much to do'],
  ['4.6', 'the mail goes round in a circle'],
  ['4.7', 'the relay tried too long'],
  ['5.3', 'too many recipients'],
  ['6.0', 'the content is refused'],
  ['7.0', 'refused by a rule of theirs'],
  ['7.1', 'refused by a rule of theirs: the sender, our server or the content is not wanted'],
  ['7.8', 'the provider refuses our login'],
  ['7.9', 'the provider wants another kind of login'],
  ['7.13', 'the account is switched off'],
  ['7.20', 'no DKIM signature of the mail passes'],
  ['7.23', "SPF does not allow our server to send for the sender's domain"],
  ['7.24', "the SPF record of the sender's domain has a fault"],
  ['7.25', 'our server has no name in reverse DNS'],
  ['7.26', 'neither SPF nor DKIM passes'],
  ['7.27', "the sender's domain takes no mail"],
  ['7.28', 'too much mail from us at the moment'],
]);

/** By the reply code, where the enhanced one is missing or not known here. */
const fallbacks = new Map([
  ['250', 'accepted by the relay'],
  ['432', 'the provider wants a new password'],
  ['450', 'the mailbox is busy or blocked for now'],
  ['451', 'the server had a fault of its own'],
  ['452', 'the server is short of space'],
  ['454', 'the provider cannot check our login, or our quota is used up'],
  ['500', 'the server does not know the command: a fault of ours'],
  ['501', 'the server does not take the command so: a fault of ours'],
  ['502', 'the server does not know the command: a fault of ours'],
  ['504', 'the server does not take the command so: a fault of ours'],
  ['521', 'the domain takes no mail'],
  ['550', 'the mailbox is refused: unknown, or not for us'],
  ['551', 'the mailbox is not there'],
  ['552', 'the message is too large, or the mailbox is full'],
  ['553', 'the address is not allowed'],
  ['554', 'the server refuses the mail'],
  ['556', 'the domain takes no mail'],
]);

const classes = new Map([
  ['2', 'accepted by the relay'],
  ['4', 'refused for now'],
  ['5', 'refused for good'],
]);
