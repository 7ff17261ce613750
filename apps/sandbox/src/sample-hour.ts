/**
 * A believable hour of mail, so that the dashboard has something to show: sign-ups, resets and receipts that went out; some that
 * a server refused, in several ways; one that nobody knows of; one for tomorrow. It is written into the sandbox's own Redis
 * and nowhere else. What waits among it is real: it is due some time, and then the worker takes it.
 */
import type { MailRecord } from '@posthouse/contract';
import { acceptedMail, failed, type Reply, retrying, sent, uncertain } from './sample-records.ts';

const minute = 60_000;

const names = [
  'Anne',
  'Bo-ram',
  'Carl',
  'Dora',
  'Emil',
  'Farah',
  'Goran',
  'Hana',
  'Ines',
  'Jun',
  'Kofi',
  'Lena',
  'Min-ji',
  'Nour',
  'Otto',
  'Petra',
];
const domains = ['example.com', 'example.net', 'mail.example', 'post.example'];

const noMailbox: Reply = { verdict: 'FAIL', reason: '550 5.1.1', text: '550 5.1.1 <{to}>: no such mailbox here' };
const refusedByPolicy: Reply = { verdict: 'FAIL', reason: '554 5.7.1', text: '554 5.7.1 refused by policy: the sender is not known to us' };
const full: Reply = { verdict: 'RETRY', reason: '452 4.2.2', text: '452 4.2.2 <{to}>: the mailbox is full' };
const fullForGood: Reply = { verdict: 'FAIL', reason: '552 5.2.2', text: '552 5.2.2 <{to}>: the mailbox has been full for too long' };
const busy: Reply = { verdict: 'RETRY', reason: '451 4.3.2', text: '451 4.3.2 the system is not accepting mail just now' };

/** The mails of the hour before. @param now ms since the epoch */
export function sampleHour(now: number): MailRecord[] {
  const mails: MailRecord[] = [];
  for (let n = 0; n < 168; n++) {
    // More towards the end of the hour, and in little crowds, as people come.
    const ago = 60 * minute * (1 - ((n + 0.5) / 168) ** 0.8) + ((n * 7919) % 97) * 300;
    mails.push(outcomeFor(acceptedMail(preference(n, now - ago)), n, now));
  }
  mails.push(uncertain(acceptedMail({ ...preference(4, now - 21 * minute), tags: ['invoice'] }), 60_000));
  mails.push(acceptedMail({ ...preference(9, now - 12 * minute), scheduledAt: now + 14 * 60 * minute }));
  return mails;
}

/** What became of the n-th: nearly all went out at once. */
function outcomeFor(mail: MailRecord, n: number, now: number): MailRecord {
  const ms = 70 + ((n * 613) % 240);
  const soon = now + (4 + (n % 9)) * minute;
  if (n % 14 === 5) return failed(mail, [noMailbox], ms);
  if (n % 37 === 11) return failed(mail, [full, full, fullForGood], ms);
  if (n % 53 === 20) return failed(mail, [refusedByPolicy], ms);
  if (n > 150 && n % 4 === 1) return retrying(mail, [busy], ms, soon);
  if (n === 118) return retrying(mail, [full, full], ms, soon);
  return sent(mail, ms);
}

function preference(n: number, at: number): Parameters<typeof acceptedMail>[0] {
  const name = names[n % names.length] as string;
  const to = { name, address: `${name.toLowerCase()}.${100 + ((n * 31) % 800)}@${domains[(n * 3) % domains.length]}` };
  const locale = n % 3 === 0 ? 'ko' : 'en';
  if (n % 5 === 2) {
    const data = {
      nickname: name,
      resetUrl: `https://yourhouse.example/reset?token=${(n * 7_777_777).toString(36)}`,
      expiresInMinutes: 30,
    };
    return { at, to, template: { name: 'password-reset', locale, data }, tags: ['account'], priority: 'high' };
  }
  if (n % 4 === 3) {
    const items = [{ name: 'One night in a sunny house', quantity: 1 + (n % 3), unitPrice: 48 }];
    const order = { orderId: `YHT-${1000 + n}`, orderedAt: new Date(at).toISOString(), currency: 'EUR', items, total: 48 * (1 + (n % 3)) };
    return { at, to, template: { name: 'receipt', locale, data: { nickname: name, ...order } }, tags: ['order'] };
  }
  return { at, to, template: { name: 'signup', locale, data: { nickname: name, email: to.address } }, tags: ['welcome'] };
}
