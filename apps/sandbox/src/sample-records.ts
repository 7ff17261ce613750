/**
 * Mails with a past, as their records would tell it had they been through a worker: an attempt with each step of the SMTP
 * transaction, and what followed from the reply.
 */
import type { Attempt, Mailbox, MailContent, MailRecord, Priority, Step, Verdict } from '@posthouse/contract';
import { newMailId, newRecord } from '@posthouse/queue';

/** What was asked for. */
export interface AcceptedMailOptions {
  /** When, ms since the epoch. */
  at: number;
  to: Mailbox;
  template: NonNullable<MailContent['template']>;
  tags: string[];
  priority?: Priority;
  scheduledAt?: number;
}

/** What a server said to it, and what that means. */
export interface Reply {
  verdict: Verdict;
  /** As the record has it: `550 5.1.1`. */
  reason: string;
  /** Said to the recipient, whose address stands for `{to}`; or, when it does not begin with 4 or 5, to the message. */
  text: string;
}

const provider = 'sandbox';
const from = { name: 'Your House Today', address: 'hello@yourhouse.example' };

/** A mail as the API accepts it. */
export function acceptedMail({ at, to, template, tags, priority = 'normal', scheduledAt }: AcceptedMailOptions): MailRecord {
  const envelope = { from, to: [to], cc: [], bcc: [], replyTo: [] };
  const content = { template, attachments: [], headers: {} };
  const mail = { apiKey: 'sandbox', envelope, content, priority, tags, ...(scheduledAt !== undefined && { scheduledAt }) };
  return newRecord(newMailId(at), mail, at);
}

/** The relay accepted it. @param ms from its acceptance to the reply */
export function sent(mail: MailRecord, ms: number): MailRecord {
  const text = `250 2.0.0 Ok: queued as ${mail.id.slice(-10).toUpperCase()}`;
  const reply: Reply = { verdict: 'ACCEPT', reason: '250 2.0.0', text };
  const { content: _wiped, ...record } = ended(tried(mail, [reply], ms), 'sent');
  const recipients = mail.recipients.map(({ address }) => address);
  return { ...record, receipt: { at: mail.createdAt + ms, provider, response: text, accepted: recipients } };
}

/** A server refused it for good; by the last of these replies, minutes apart. */
export function failed(mail: MailRecord, replies: Reply[], ms: number): MailRecord {
  const record = ended(tried(mail, replies, ms), 'failed');
  return { ...record, recipients: record.recipients.map((recipient) => ({ ...recipient, state: 'refused' as const })) };
}

/** A server refused it for now. @param nextAttemptAt ms since the epoch */
export function retrying(mail: MailRecord, replies: Reply[], ms: number, nextAttemptAt: number): MailRecord {
  return { ...tried(mail, replies, ms), state: 'retrying', nextAttemptAt };
}

/** The message went out, and no reply came. */
export function uncertain(mail: MailRecord, ms: number): MailRecord {
  const silence: Reply = { verdict: 'UNKNOWN', reason: 'no-reply', text: 'no reply to the end of the message' };
  const record = ended(tried({ ...mail, onUncertain: 'hold' }, [silence], ms), 'uncertain');
  return { ...record, recipients: record.recipients.map((recipient) => ({ ...recipient, uncertain: true })) };
}

function ended(mail: MailRecord, state: MailRecord['state']): MailRecord {
  const { nextAttemptAt: _none, ...record } = mail;
  const last = mail.attempts.at(-1) as Attempt;
  return { ...record, state, endedAt: last.at + last.durationMs };
}

function tried(mail: MailRecord, replies: readonly Reply[], ms: number): MailRecord {
  const attempts = replies.map((reply, n) => attempt(mail, reply, n, ms));
  const last = attempts.at(-1) as Attempt;
  const { verdict, reason } = last;
  const state = verdict === 'ACCEPT' ? 'accepted' : verdict === 'FAIL' ? 'refused' : 'pending';
  const recipients = mail.recipients.map(
    (recipient) => ({ ...recipient, state, at: last.at + last.durationMs, provider, reason }) as const,
  );
  return { ...mail, attempts, attemptCount: attempts.length, recipients };
}

function attempt(mail: MailRecord, { verdict, reason, ...reply }: Reply, n: number, ms: number): Attempt {
  const to = mail.recipients[0]?.address ?? '';
  const text = reply.text.replace('{to}', to);
  const waitsBefore = [0, 30_000, 150_000, 450_000];
  const durationMs = Math.round(ms * 0.8);
  const outcomes = mail.recipients.map(({ address }) => {
    const code = /^\d{3} /.test(text) ? { code: Number(text.slice(0, 3)), reply: text } : {};
    return { address, verdict, reason, ...code };
  });
  const at = mail.createdAt + Math.round(ms * 0.2) + (waitsBefore[n] ?? 0);
  return { number: n + 1, at, durationMs, provider, verdict, reason, steps: steps(to, text, durationMs), outcomes };
}

/** RFC 5321: the message follows where no recipient was refused. */
function steps(to: string, text: string, ms: number): Step[] {
  const isAboutMessage = !/^[45]/.test(text);
  const at = (share: number) => Math.round(ms * share);
  const before = [
    { atMs: 0, command: 'CONNECT', reply: '220 sandbox.posthouse ESMTP' },
    { atMs: at(0.3), command: `MAIL FROM:<${from.address}>`, reply: '250 2.1.0 Ok' },
    { atMs: at(0.5), command: `RCPT TO:<${to}>`, reply: isAboutMessage ? '250 2.1.5 Ok' : text },
  ];
  if (!isAboutMessage) return before;
  return [
    ...before,
    { atMs: at(0.6), command: 'DATA', reply: '354 End data with <CR><LF>.<CR><LF>' },
    { atMs: ms, command: '.', reply: text },
  ];
}
