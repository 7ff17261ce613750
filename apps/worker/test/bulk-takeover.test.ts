/** A bulk action is run by one of several workers, without a dashboard, and survives that worker. */
import type { MailRecord } from '@posthouse/contract';
import { TcpProxy } from '@posthouse/devkit';
import { BulkActions, importRecords, newMailId, newRecord } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { envelope, quick, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

/** The lease of the killed worker ends when the test ends it, and not while the other one still sends. */
const timings = { ...quick, bulk: { poll: 50, lease: 600_000 } };

/** Mails that the relay has refused once. */
async function failedMails(count: number): Promise<MailRecord[]> {
  const at = Date.now() - 1000;
  const template = { name: 'signup', locale: 'en', data: { nickname: 'Anne', email: 'anne@example.net' } };
  const mail = {
    ...{ apiKey: 'test', envelope: envelope(['anne@example.net']), priority: 'normal' as const, tags: [] },
    content: { template, attachments: [], headers: {} },
  };
  const records = Array.from({ length: count }, () => {
    const record = newRecord(newMailId(at), mail, at);
    const recipients = record.recipients.map((recipient) => ({ ...recipient, state: 'rejected' as const, at, reason: '550 5.1.1' }));
    return { ...record, recipients, state: 'failed' as const, endedAt: at, attemptCount: 1 };
  });
  await importRecords(fixture.connection, records);
  return records;
}

/** What commits a chunk, as Redis gets it: after the chunk has been changed, nothing is pending. */
const commit = 'pendingChunk\r\n$0\r\n';

it('the action of a killed worker is taken over by another: each mail is retried once and counted once', async () => {
  // Mails that fail again at once would be retried again by a worker that does not know what the one before has done.
  fixture.smtp.replyTo('RCPT', { reply: '550 5.1.1 no such mailbox' });
  const proxy = new TcpProxy(fixture.redis.port);
  await proxy.start();
  onTestFinished(() => proxy.stop());
  let commits = 0;
  const isHeld = new Promise<void>((resolve) => {
    const isSecond = (piece: Buffer) => {
      if (!piece.includes(commit) || ++commits < 2) return false;
      resolve();
      return true;
    };
    proxy.stallAt({ when: isSecond, side: 'request' });
  });
  // The first worker sends no mail, so that no lease of a mail has to end when it is killed.
  await fixture.pauses.start({ scope: 'provider', name: 'first', by: 'anne', reason: 'test' });
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SMTP_URL: `${fixture.smtp.url}?name=first` };
  const first = await fixture.startProcess(env, timings);
  const mails = await failedMails(200);
  const bulks = new BulkActions(fixture.connection);
  const id = await bulks.start({ action: 'retry', scope: { filter: { state: ['failed'] } }, by: 'anne', perSecond: 500 });
  await isHeld;
  await fixture.startWorker({}, timings);
  const attempts = async () => {
    const records = await Promise.all(mails.map((mail) => fixture.queue.read(mail.id)));
    return records.map((record) => `${record?.state} after ${record?.attemptCount}`);
  };
  const failedAgain = async () => (await attempts()).filter((each) => each === 'failed after 2').length;
  await expect.poll(failedAgain).toBe(100);
  expect(await bulks.read(id)).toMatchObject({ state: 'running', changed: 50 });
  first.kill('SIGKILL');
  await first.exit;
  // As when its time is over.
  expect(await fixture.redis.cli('DEL', `{posthouse}:bulk:${id}:lease`)).toBe('1');

  await expect.poll(async () => (await bulks.read(id))?.state).toBe('done');
  expect(await bulks.read(id)).toMatchObject({ processed: 200, changed: 200, unchanged: 0 });
  await expect.poll(failedAgain).toBe(200);
});
