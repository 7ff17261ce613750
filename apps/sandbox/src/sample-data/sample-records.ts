/**
 * Records of mails in every state, as a worker would have left them: attempts with each step of the SMTP transaction, outcomes
 * and a receipt. Sample data and load tests are built from them.
 */
import type { Attempt, KeptTemplate, Mailbox, MailContent, MailRecord, Priority, Step, Verdict } from '@posthouse/contract';
import { newMailId, newRecord } from '@posthouse/queue';

/** A mail to create. */
export interface AcceptedMailOptions {
  /** Time of acceptance, ms since the epoch. */
  at: number;
  to: Mailbox;
  template: NonNullable<MailContent['template']>;
  tags: string[];
  priority?: Priority;
  scheduledAt?: number;
}

/** A server's reply, and what it means. */
export interface Reply {
  verdict: Verdict;
  /** The reason code in the record: `550 5.1.1`. */
  reason: string;
  /** `{to}` is replaced by the recipient's address. A text that begins with 4 or 5 is the reply to RCPT, any other to the message. */
  text: string;
}

const provider = 'sandbox';
const from = { name: 'Your House Today', address: 'hello@yourhouse.example' };

/** A mail that the API has just accepted. */
export function acceptedMail({ at, to, template, tags, priority = 'normal', scheduledAt }: AcceptedMailOptions): MailRecord {
  const envelope = { from, to: [to], cc: [], bcc: [], replyTo: [] };
  const content = { template, attachments: [], headers: {} };
  const mail = { apiKey: 'sandbox', envelope, content, priority, tags, ...(scheduledAt !== undefined && { scheduledAt }) };
  return newRecord(newMailId(at), mail, at);
}

/**
 * A mail that the relay accepted.
 * @param ms from the acceptance to the reply
 * @param template what is kept of it; by default nothing
 */
export function sentMail(mail: MailRecord, ms: number, template?: KeptTemplate): MailRecord {
  const text = `250 2.0.0 Ok: queued as ${mail.id.slice(-10).toUpperCase()}`;
  const reply: Reply = { verdict: 'ACCEPT', reason: '250 2.0.0', text };
  const { content: _deleted, ...record } = endedMail(withAttempts(mail, [reply], ms), 'sent');
  const recipients = mail.recipients.map(({ address }) => address);
  const kept = template === undefined ? {} : { keptContent: { template, attachments: [], headers: {} } };
  return { ...record, ...kept, receipt: { at: mail.createdAt + ms, provider, response: text, accepted: recipients } };
}

/** A mail that failed with the last of these replies, one for each attempt. @param ms from the acceptance to the first reply */
export function failedMail(mail: MailRecord, replies: Reply[], ms: number): MailRecord {
  const record = endedMail(withAttempts(mail, replies, ms), 'failed');
  return { ...record, recipients: record.recipients.map((recipient) => ({ ...recipient, state: 'rejected' as const })) };
}

/** A mail that had temporary failures. @param ms from the acceptance to the first reply @param nextAttemptAt ms since the epoch */
export function retryingMail(mail: MailRecord, replies: Reply[], ms: number, nextAttemptAt: number): MailRecord {
  return { ...withAttempts(mail, replies, ms), state: 'retrying', nextAttemptAt };
}

/** A mail whose message was transmitted, but got no reply. @param ms from the acceptance to the lost connection */
export function uncertainMail(mail: MailRecord, ms: number): MailRecord {
  const noReply: Reply = { verdict: 'UNKNOWN', reason: 'no-reply', text: 'no reply to the end of the message' };
  const record = endedMail(withAttempts({ ...mail, onUncertain: 'hold' }, [noReply], ms), 'uncertain');
  return { ...record, recipients: record.recipients.map((recipient) => ({ ...recipient, uncertain: true })) };
}

function endedMail(mail: MailRecord, state: MailRecord['state']): MailRecord {
  const { nextAttemptAt: _none, ...record } = mail;
  const last = mail.attempts.at(-1) as Attempt;
  return { ...record, state, endedAt: last.at + last.durationMs };
}

function withAttempts(mail: MailRecord, replies: readonly Reply[], ms: number): MailRecord {
  const attempts = replies.map((reply, n) => attempt(mail, reply, n, ms));
  const last = attempts.at(-1) as Attempt;
  const { verdict, reason } = last;
  const state = verdict === 'ACCEPT' ? 'accepted' : verdict === 'FAIL' ? 'rejected' : 'pending';
  const recipients = mail.recipients.map(
    (recipient) => ({ ...recipient, state, at: last.at + last.durationMs, provider, reason }) as const,
  );
  return { ...mail, attempts, attemptCount: attempts.length, recipients };
}

function attempt(mail: MailRecord, { verdict, reason, ...reply }: Reply, n: number, ms: number): Attempt {
  const to = mail.recipients[0]?.address ?? '';
  const text = reply.text.replace('{to}', to);
  const waitsMs = [0, 30_000, 150_000, 450_000];
  const durationMs = Math.round(ms * 0.8);
  const outcomes = mail.recipients.map(({ address }) => {
    const code = /^\d{3} /.test(text) ? { code: Number(text.slice(0, 3)), reply: text } : {};
    return { address, verdict, reason, ...code };
  });
  const at = mail.createdAt + Math.round(ms * 0.2) + (waitsMs[n] ?? 0);
  return { number: n + 1, at, durationMs, provider, verdict, reason, steps: steps(to, text, durationMs), outcomes };
}

/** RFC 5321: DATA is sent only when a recipient was accepted. */
function steps(to: string, text: string, ms: number): Step[] {
  const repliesToMessage = !/^[45]/.test(text);
  const at = (share: number) => Math.round(ms * share);
  const before = [
    { atMs: 0, command: 'CONNECT', reply: '220 sandbox.posthouse ESMTP' },
    { atMs: at(0.3), command: `MAIL FROM:<${from.address}>`, reply: '250 2.1.0 Ok' },
    { atMs: at(0.5), command: `RCPT TO:<${to}>`, reply: repliesToMessage ? '250 2.1.5 Ok' : text },
  ];
  if (!repliesToMessage) return before;
  return [
    ...before,
    { atMs: at(0.6), command: 'DATA', reply: '354 End data with <CR><LF>.<CR><LF>' },
    { atMs: ms, command: '.', reply: text },
  ];
}
