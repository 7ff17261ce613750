/** Writes any number of records, accepted over the last six days: most are sent, one in forty has failed. */
import type { MailRecord } from '@posthouse/contract';
import { importRecords, type RequestConnection } from '@posthouse/queue';
import { acceptedMail, failedMail, type Reply, sentMail } from '../../src/sample-data/sample-records.ts';

const quota: Reply = { verdict: 'RETRY', reason: '452 4.2.2', text: '452 4.2.2 <{to}>: over quota' };

/** One of 500 permanent failures, each of which is a failure group of its own. */
function permanentFailure(n: number): Reply {
  const reason = `${550 + (n % 5)} 5.${Math.floor(n / 5) % 10}.${Math.floor(n / 50) % 10}`;
  return { verdict: 'FAIL', reason, text: `${reason} <{to}>: no such mailbox` };
}

const spanMs = 6 * 24 * 60 * 60 * 1000;
const chunkSize = 2000;

/** Number of mails among them that failed because the mailbox was over quota. */
export function quotaFailures(mails: number): number {
  return Math.ceil(mails / 40);
}

/** @param onProgress called with the number written so far */
export async function writeManyMails(connection: RequestConnection, mails: number, onProgress: (written: number) => void): Promise<void> {
  const startAt = Date.now() - spanMs;
  for (let from = 0; from < mails; from += chunkSize) {
    const records = Array.from({ length: Math.min(chunkSize, mails - from) }, (_, n) => recordOf(from + n, mails, startAt));
    await importRecords(connection, records);
    onProgress(from + records.length);
  }
}

function recordOf(n: number, total: number, startAt: number): MailRecord {
  const at = startAt + Math.floor((spanMs * n) / total);
  const address = `member.${n}@domain-${n % 50}.example`;
  const template = { name: n % 3 === 0 ? 'receipt' : 'signup', locale: 'en', data: { nickname: 'Anne', email: address } };
  const tags = [n % 10 === 0 ? 'vip' : 'member', `campaign-${n % 7}`];
  // Mails that failed over quota are retried later: their data must be valid for their template.
  if (n % 40 === 7)
    return failedMail(acceptedMail({ at, to: { address }, template: { ...template, name: 'signup' }, tags }), [quota, quota], 90);
  const mail = acceptedMail({ at, to: { address }, template, tags });
  if (n % 400 === 11) return failedMail(mail, [permanentFailure(Math.floor(n / 400))], 80);
  return sentMail(mail, 120, { ...template, subject: `Welcome, member ${n}`, omitted: [] });
}
