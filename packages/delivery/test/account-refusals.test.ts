/** Replies of relays, as their pages and bug reports quote them. */
import { timings } from '@posthouse/contract';
import { relayProfiles } from '@posthouse/devkit';
import { describe, expect, it } from 'vitest';
import { accountRefusals } from '../src/account-refusals.ts';
import { classify } from '../src/reply-classifier.ts';

const { reply: w } = timings;

const replies = [
  ['DOT', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message', 'quota'],
  ['DOT', '554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded', 'quota'],
  ['MAIL', '432 4.3.2 Concurrent connections limit exceeded.', 'busy'],
  ['MAIL', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded', 'busy'],
  ['DOT', '550 5.2.251 Sender throttled due to continuous mailbox full errors.', 'quota'],
  ['DOT', '550 5.2.2 Submission quota exceeded', 'quota'],
  ['DOT', "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", 'quota'],
  ['RCPT', '550 5.7.233 Verzendlimiet bereikt', 'quota'],
  ['DOT', '550 5.1.8 Access denied, bad outbound sender', 'suspended'],
  ['RCPT', '550 5.7.705 Access denied, tenant has exceeded threshold', 'suspended'],
  ['RCPT', '550 5.7.708 Accès refusé', 'suspended'],
  ['DOT', '550 5.7.501 Access denied, spam abuse detected', 'suspended'],
  ['DOT', '550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains', 'sender-not-allowed'],
  ['MAIL', '550 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM', 'login'],
  ['MAIL', '451 4.7.500 Access denied, please try again later', 'busy'],
  ['DOT', '554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com', 'sender-not-allowed'],
  ['DOT', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'sender-not-allowed'],
  ['DOT', '554 5.2.0 OutboundSpamException; WASCL UserAction verdict is not None. Actual verdict is HipNotify', 'suspended'],
  ['DOT', '550-5.4.5 Daily user sending\r\n550-5.4.5 limit exceeded. For more information\r\n550 5.4.5 go to x - gsmtp', 'quota'],
  ['DOT', '550 5.7.1 Daily SMTP relay limit exceeded for customer. - gsmtp', 'quota'],
  ['DOT', '450 4.2.1 Peak SMTP relay limit exceeded for customer. - gsmtp', 'rate'],
  ['MAIL', '550 5.7.0 Mail relay denied [203.0.113.7]. Invalid credentials for relay. - gsmtp', 'sender-not-allowed'],
  ['MAIL', '451 4.4.2 Timeout - closing connection. - gsmtp', 'connection-limit'],
  ['AUTH', '454 4.7.0 Too many login attempts, please try again later. - gsmtp', 'login'],
  ['DOT', '454 Throttling failure: Daily message quota exceeded.', 'quota'],
  ['DOT', '454 Throttling failure: Maximum sending rate exceeded.', 'rate'],
  ['DOT', '554 Message rejected: Email address is not verified. The following identities failed the check', 'sender-not-allowed'],
  ['DOT', "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail'", 'login'],
  ['AUTH', '535 Account not subscribed to SES', 'suspended'],
  ['CONNECT', '421 Too many concurrent SMTP connections', 'busy'],
  ['DOT', '554 Message rejected: Sending paused for this account. For more information, please check the inbox', 'suspended'],
  ['MAIL', '421 Maximum message count per session reached', 'connection-limit'],
  ['MAIL', '421 too many messages in this connection', 'connection-limit'],
  ['MAIL', '451 4.4.2 Timeout waiting for data from client.', 'connection-limit'],
  ['AUTH', '451 Authentication failed: Maximum credits exceeded', 'quota'],
  ['AUTH', "451 You've exceeded your messaging limits", 'quota'],
  ['DOT', '550 The from address does not match a verified Sender Identity. Mail cannot be sent', 'sender-not-allowed'],
  ['DOT', '403 You are not authorized to send from that email address', 'sender-not-allowed'],
  ['MAIL', '550 Unauthenticated senders not allowed', 'login'],
  [
    'DATA',
    '421 Domain example.org is not allowed to send: recipient limit exceeded, try again after Sun, 05 Oct 2025 19:22:44 UTC',
    'quota',
  ],
  ['AUTH', '535 5.7.0 Mailgun: account is on probation. Account will be enabled in 341 seconds', 'quota'],
  ['DATA', '421 Please activate your Mailgun account. Check your inbox', 'suspended'],
  ['DATA', '502 5.7.0 Your SMTP account is not yet activated', 'suspended'],
  ['MAIL', '502 5.7.0 Please authenticate first', 'login'],
  ['DOT', '550 5.7.1 Unconfigured Sending Domain <example.com>', 'sender-not-allowed'],
  ['MAIL', '452 4.4.5 Messages per second limit exceeded', 'rate'],
  ['MAIL', '452 4.5.3 Daily message limit exceeded', 'quota'],
  ['RCPT', '550 that IP address is not allowed to send', 'login'],
  ['CONNECT', '421 4.4.5 Too many connections from your host.', 'busy'],
  ['AUTH', '421 Too many auth failures', 'login'],
  ['CONNECT', '421 Too many connections', 'busy'],
  ['RCPT', '554 5.7.1 <a@example.org>: Recipient address rejected: You have exceeded your Outmail quota.', 'quota'],
  ['RCPT', '450 4.3.2 Please wait to send more emails', 'rate'],
  ['AUTH', '550 You must wait to send more emails', 'rate'],
  ['DOT', '550 5.4.6 Unusual sending activity detected. Please try after sometime', 'suspended'],
  ['MAIL', '554 5.1.8 Sender Address Blocked', 'suspended'],
  ['RCPT', '553 Relaying disallowed as a@example.com', 'sender-not-allowed'],
  ['MAIL', '421 Max message per connection reached, closing transmission channel', 'connection-limit'],
  ['MAIL', '550 5.7.0 From address is not one of your addresses', 'sender-not-allowed'],
  ['DOT', '550 5.7.1 You have exceeded your daily sending limit', 'quota'],
  ['MAIL', '553 5.7.1 Sender address rejected: not owned by auth user.', 'sender-not-allowed'],
  ['DOT', '550 spam message discarded/rejected. Sending for this account is disabled', 'suspended'],
  ['RCPT', '550-Requested action not taken: mailbox unavailable\r\n550 Failure sending mail. Try again later', 'quota'],
  ['MAIL', '451-Requested action aborted\r\n451 Mails per session limit exceeded.', 'connection-limit'],
  ['DOT', '554 5.7.1 The sender address is unauthorized xJ2m1Q0TQfWkq0k6dYhN1A - nsmtp', 'sender-not-allowed'],
  ['MAIL', '501 Mail from address must be same as authorization user.', 'sender-not-allowed'],
  ['CONNECT', '550 Connection frequency limited', 'connection-rate'],
  ['MAIL', '553 Mail from must equal authorized user', 'sender-not-allowed'],
  ['MAIL', '550 MI:DMC 163 smtp1,1234', 'connection-limit'],
  ['MAIL', '554 MI:SFQ 163 smtp1,1234', 'quota'],
  ['CONNECT', '421 HL:ICC 163 smtp1', 'busy'],
  ['AUTH', '451 Requested mail action not taken: too much fail authentication', 'login'],
  ['DOT', '552 Monthly sending quota exceeded', 'quota'],
  ['DOT', '551 Main account unavailable', 'suspended'],
  ['MAIL', '436 "MAIL FROM" doesn\'t conform with authentication (Auth Account:a|Mail Account:b)', 'sender-not-allowed'],
  ['MAIL', '450 4.7.1 Error: too much mail from 203.0.113.7', 'rate'],
  ['CONNECT', '421 4.7.0 mx.example.com Error: too many connections from 203.0.113.7', 'busy'],
  ['AUTH', '450 4.7.1 Error: too many AUTH commands from 203.0.113.7', 'login'],
  ['CONNECT', '454 4.7.0 Error: too many new TLS sessions from localhost[127.0.0.1]', 'connection-rate'],
  ['CONNECT', '421 Too much load; please try again later.', 'busy'],
  ['DOT', '550 Domain example.com has exceeded the max emails per hour (150/150 (100%)) allowed. Message discarded.', 'quota'],
  ['RCPT', '550 Email account a@example.com is sending too many emails - rate overlimit = 83.6 / 1h', 'quota'],
  ['DOT', '451 4.7.1 Ratelimit "user" exceeded', 'rate'],
  ['CONNECT', '554 p3plsmtpa01 Your account has reached its daily relay quota', 'quota'],
  ['DOT', '550 User a@example.com has exceeded its 24-hour sending limit. Messages to 25 recipients out of 25', 'quota'],
] as const;

/** Replies in similar words that speak of the mail, its recipient or its content. */
const others = [
  ['RCPT', '450 4.2.1 The user you are trying to contact is receiving mail too quickly'],
  ['DOT', '432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded'],
  [
    'RCPT',
    '550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered',
  ],
  ['RCPT', '552 5.2.2 The email account that you tried to reach is over quota'],
  ['RCPT', '550 5.2.2 mailbox full'],
  ['DOT', '554 5.2.2 mailbox full'],
  ['DOT', "550 5.2.121 Recipient's per hour message receive limit from all senders exceeded"],
  ['RCPT', '452 4.5.3 Your message has too many recipients'],
  ['RCPT', '550 5.2.1 The email account that you tried to reach is disabled'],
  ['DOT', '554 5.7.1 Sender address blocked using dbl.spamhaus.org'],
  ['DOT', '550 5.7.1 Our system has detected that this message is likely unsolicited mail'],
  ['RCPT', '550 5.7.504 Recipient address rejected: Access denied'],
  ['RCPT', '559 Invalid rcptto'],
  ['DOT', '554 Reject by content spam'],
  ['RCPT', '550 Requested action not taken: mailbox unavailable'],
  ['RCPT', '450 4.7.1 Error: too many recipients from 203.0.113.7'],
  ['RCPT', '451 4.7.1 Ratelimit "rcpt" exceeded'],
  ['RCPT', '554 5.7.1 <a@example.org>: Relay access denied'],
  ['DOT', '554 5.7.1 Message rejected under suspicion of SPAM'],
] as const;

const find = (step: (typeof replies)[number][0], reply: string) => {
  const { row, outcome } = classify({ step, reply, messageStarted: step === 'DOT' }, w);
  return { refusal: accountRefusals.find((candidate) => candidate === row), outcome };
};

const verdicts = {
  quota: 'OPEN',
  suspended: 'OPEN',
  login: 'OPEN',
  'connection-limit': 'OPEN',
  'connection-rate': 'OPEN',
  rate: 'DEFER',
  busy: 'DEFER',
  'sender-not-allowed': 'DEFER',
} as const;

describe('what relays say about the account', () => {
  it.each(replies)('%s replied "%s": %s', (step, reply, kind) => {
    const { refusal, outcome } = find(step, reply);
    expect(refusal?.kind).toBe(kind);
    expect(outcome.verdict).toBe(verdicts[kind]);
  });

  it.each(others)('%s replied "%s": not about the account', (step, reply) => {
    expect(find(step, reply).refusal).toBeUndefined();
    expect(['FAIL', 'RETRY', 'DEFER']).toContain(find(step, reply).outcome.verdict);
  });

  it('has a sample for every row', () => {
    const found = new Set(replies.map(([step, reply]) => find(step, reply).refusal));
    expect(accountRefusals.filter((row) => !found.has(row)).map(({ relay, text, enhanced }) => `${relay} ${text ?? enhanced}`)).toEqual([]);
  });

  it('has a source for every row, and words that are found in a time that grows with their length only', () => {
    for (const { source, text, relay } of accountRefusals) {
      expect(new URL(source).protocol, relay).toBe('https:');
      expect(text?.source ?? '', `${relay}: unlimited repeats`).not.toMatch(/[*+]|\{\d+,\}/);
    }
  });

  it.each(Object.entries(relayProfiles))('knows the limits and refusals of %s', (_name, { limits, refusals }) => {
    const all = [...Object.values<{ phase: string; reply: string }>(limits), ...Object.values<{ phase: string; reply: string }>(refusals)];
    for (const { phase, reply } of all) {
      // The second may speak of one recipient.
      if (phase === 'IDLE' || reply === relayProfiles.exim.refusals.relayNotPermitted.reply) continue;
      const { outcome } = classify({ step: phase as 'MAIL', reply, messageStarted: phase === 'DOT' }, w);
      expect([reply, outcome.verdict]).not.toEqual([reply, 'FAIL']);
    }
  });
});
