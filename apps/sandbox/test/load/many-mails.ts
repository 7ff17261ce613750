/** As many mails on record as are asked for, over the last six days: nearly all sent, one in forty failed. */
import type { MailRecord } from '@posthouse/contract';
import { importRecords, type RequestConnection } from '@posthouse/queue';
import { acceptedMail, failed, type Reply, sent } from '../../src/sample-records.ts';

const quota: Reply = { verdict: 'RETRY', reason: '452 4.2.2', text: '452 4.2.2 <{to}>: over quota' };
const noMailbox: Reply = { verdict: 'FAIL', reason: '550 5.1.1', text: '550 5.1.1 <{to}>: no such mailbox' };
const span = 6 * 24 * 60 * 60 * 1000;
const chunk = 2000;

/** How many of them failed for want of quota. */
export function quotaFailures(mails: number): number {
  return Math.ceil(mails / 40);
}

/** @param onProgress told how many are written */
export async function writeManyMails(connection: RequestConnection, mails: number, onProgress: (written: number) => void): Promise<void> {
  const begin = Date.now() - span;
  for (let from = 0; from < mails; from += chunk) {
    const many = Array.from({ length: Math.min(chunk, mails - from) }, (_, n) => manyth(from + n, mails, begin));
    await importRecords(connection, many);
    onProgress(from + many.length);
  }
}

function manyth(n: number, of: number, begin: number): MailRecord {
  const at = begin + Math.floor((span * n) / of);
  const address = `member.${n}@domain-${n % 50}.example`;
  const template = { name: n % 3 === 0 ? 'receipt' : 'signup', locale: 'en', data: { nickname: 'Anne', email: address } };
  const tags = [n % 10 === 0 ? 'vip' : 'member', `campaign-${n % 7}`];
  // Those that failed for want of quota can be sent again: their data is that of their template.
  if (n % 40 === 7)
    return failed(acceptedMail({ at, to: { address }, template: { ...template, name: 'signup' }, tags }), [quota, quota], 90);
  const mail = acceptedMail({ at, to: { address }, template, tags });
  return n % 400 === 11 ? failed(mail, [noMailbox], 80) : sent(mail, 120);
}
