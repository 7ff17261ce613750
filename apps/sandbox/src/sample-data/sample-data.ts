/**
 * A plausible hour of mail, so that the dashboard has something to show: sign-ups, password resets and receipts that were sent,
 * some that a server rejected for different reasons, one whose outcome is unknown, one scheduled for tomorrow. It is written only
 * into the sandbox's own Redis. What is still queued in it is real: the worker sends it when it is due.
 */
import { durations, type KeptTemplate, type MailContent, type MailRecord, minute, type Service } from '@posthouse/contract';
import { importRecords, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { acceptedMail, failedMail, type Reply, retryingMail, sentMail, uncertainMail } from './sample-records.ts';

/** Writes the sample data when it starts, before the dashboard runs. */
export class SampleData implements Service {
  readonly name = 'sample data';
  readonly #redisUrl: () => string;
  readonly #secret: string;

  /** @param secret the value of POSTHOUSE_SECRET */
  constructor(redisUrl: () => string, secret: string) {
    this.#redisUrl = redisUrl;
    this.#secret = secret;
  }

  async start(): Promise<void> {
    const connection = new RequestConnection(this.#redisUrl(), new Sealer(sealKeys(this.#secret)), durations, () => undefined);
    await connection.start();
    try {
      await connection.whenReady();
      await importRecords(connection, sampleHour(Date.now()));
    } finally {
      await connection.stop();
    }
  }

  async stop(): Promise<void> {}
}

const mailsPerHour = 168;

const names = 'Anne Bo-ram Carl Dora Emil Farah Goran Hana Ines Jun Kofi Lena Min-ji Nour Otto Petra'.split(' ');
const domains = ['example.com', 'example.net', 'mail.example', 'post.example'];

const noMailbox: Reply = { verdict: 'FAIL', reason: '550 5.1.1', text: '550 5.1.1 <{to}>: no such mailbox here' };
const policy: Reply = { verdict: 'FAIL', reason: '554 5.7.1', text: '554 5.7.1 rejected by policy: unknown sender' };
const mailboxFull: Reply = { verdict: 'RETRY', reason: '452 4.2.2', text: '452 4.2.2 <{to}>: mailbox full' };
const mailboxFullPermanently: Reply = { verdict: 'FAIL', reason: '552 5.2.2', text: '552 5.2.2 <{to}>: mailbox full for too long' };
const busy: Reply = { verdict: 'RETRY', reason: '451 4.3.2', text: '451 4.3.2 system not accepting mail, try again later' };

/** The subjects of the templates, which are rendered by workers only. */
const subjects: Record<string, string> = {
  'signup ko': 'Your House Today에 가입해주셔서 감사합니다!',
  'signup en': 'Thank you for joining Your House Today!',
  'password-reset ko': '비밀번호를 다시 설정해 주십시오',
  'password-reset en': 'Set a new password',
  'receipt ko': '[오늘은 너네집] 영수증 {{orderId}}',
  'receipt en': 'Your receipt {{orderId}} from Your House Today',
};

/** The mails of the last hour. @param now ms since the epoch */
export function sampleHour(now: number): MailRecord[] {
  const mails: MailRecord[] = [];
  for (let n = 0; n < mailsPerHour; n++) {
    // More towards the end of the hour, and in small bursts.
    const age = 60 * minute * (1 - ((n + 0.5) / mailsPerHour) ** 0.8) + ((n * 7919) % 97) * 300;
    mails.push(outcomeFor(acceptedMail(optionsFor(n, Math.round(now - age))), n, now));
  }
  mails.push(uncertainMail(acceptedMail({ ...optionsFor(4, now - 21 * minute), tags: ['invoice'] }), 60_000));
  mails.push(acceptedMail({ ...optionsFor(9, now - 12 * minute), scheduledAt: now + 14 * 60 * minute }));
  return mails;
}

/** Most mails are sent at the first attempt. */
function outcomeFor(mail: MailRecord, n: number, now: number): MailRecord {
  const durationMs = 70 + ((n * 613) % 240);
  const nextAttemptAt = now + (4 + (n % 9)) * minute;
  if (n % 14 === 5) return failedMail(mail, [noMailbox], durationMs);
  if (n % 37 === 11) return failedMail(mail, [mailboxFull, mailboxFull, mailboxFullPermanently], durationMs);
  if (n % 53 === 20) return failedMail(mail, [policy], durationMs);
  if (n > 150 && n % 4 === 1) return retryingMail(mail, [busy], durationMs, nextAttemptAt);
  if (n === 118) return retryingMail(mail, [mailboxFull, mailboxFull], durationMs, nextAttemptAt);
  return sentMail(mail, durationMs, mail.content?.template && keptOf(mail.content.template));
}

/** What a worker keeps: `/resetUrl` is sensitive. */
function keptOf({ name, locale, data }: NonNullable<MailContent['template']>): KeptTemplate {
  const omitted = Object.keys(data).filter((key) => key === 'resetUrl');
  const masks = Object.fromEntries(omitted.map((key) => [key, '••••••']));
  const subject = (subjects[`${name} ${locale}`] ?? '').replace('{{orderId}}', String(data['orderId']));
  return { name, locale, data: { ...data, ...masks }, subject, omitted: omitted.map((key) => `/${key}`) };
}

function optionsFor(n: number, at: number): Parameters<typeof acceptedMail>[0] {
  const name = names[n % names.length] as string;
  const to = { name, address: `${name.toLowerCase()}.${100 + ((n * 31) % 800)}@${domains[(n * 3) % domains.length]}` };
  const locale = n % 3 === 0 ? 'ko' : 'en';
  if (n % 5 === 2) {
    const token = (n * 7_777_777).toString(36);
    const data = { nickname: name, resetUrl: `https://yourhouse.example/reset?token=${token}`, expiresInMinutes: 30 };
    return { at, to, template: { name: 'password-reset', locale, data }, tags: ['account'], priority: 'high' };
  }
  if (n % 4 === 3) {
    const items = [{ name: 'One night in a sunny house', quantity: 1 + (n % 3), unitPrice: 48 }];
    const order = { orderId: `YHT-${1000 + n}`, orderedAt: new Date(at).toISOString(), currency: 'EUR', items, total: 48 * (1 + (n % 3)) };
    return { at, to, template: { name: 'receipt', locale, data: { nickname: name, ...order } }, tags: ['order'] };
  }
  return { at, to, template: { name: 'signup', locale, data: { nickname: name, email: to.address } }, tags: ['welcome'] };
}
