/** A bulk action is run by one of several workers, without a dashboard, and survives that worker. */
import type { MailRecord } from '@posthouse/contract';
import type { AppProcess } from '@posthouse/devkit';
import { BulkActions, importRecords, newMailId, newRecord } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { envelope, quick, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

/** The test waits until the leases of a killed worker are over. */
const shortLeases = {
  ...quick,
  queue: { lock: 2000, stalled: 500 },
  heartbeat: { intervalMs: 500, gone: 5000 },
  bulk: { poll: 50, lease: 2000 },
};

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

/** Kills the worker that runs an action, in the middle of a chunk: it is frozen again and again until it has changed a mail of one that it has not counted. */
async function killDuringChunk(id: string, workers: readonly AppProcess[]): Promise<void> {
  const holder = await fixture.redis.cli('GET', `{posthouse}:bulk:${id}:lease`);
  const pid = (await fixture.overview.workers()).find((worker) => worker.id === holder)?.pid;
  const worker = workers.find((each) => each.pid === pid);
  if (worker === undefined) throw new Error(`No worker has the lease of the bulk action: ${holder}`);
  for (;;) {
    worker.kill('SIGSTOP');
    const [state, chunk] = (await fixture.redis.cli('HMGET', `{posthouse}:bulk:${id}`, 'state', 'pendingChunk')).split('\n');
    if (state !== 'running') throw new Error(`The bulk action is ${state} already`);
    const [first] = chunk ? (JSON.parse(chunk) as { ids: string[] }).ids : [];
    if (first !== undefined && (await fixture.redis.cli('HEXISTS', `{posthouse}:record:${first}`, 'actions')) === '1') break;
    worker.kill('SIGCONT');
  }
  worker.kill('SIGKILL');
  await worker.exit;
}

it('the action of a killed worker is taken over by another: each mail is retried once and counted once', async () => {
  // Mails that fail again at once would be retried again by a worker that does not know what the one before has done.
  fixture.smtp.replyTo('RCPT', { reply: '550 5.1.1 no such mailbox' });
  const crew = await Promise.all([fixture.startProcess({}, shortLeases), fixture.startProcess({}, shortLeases)]);
  const mails = await failedMails(400);
  const bulks = new BulkActions(fixture.connection);
  const id = await bulks.start({ action: 'retry', scope: { filter: { state: ['failed'] } }, by: 'anne', perSecond: 100 });
  await expect.poll(async () => (await bulks.read(id))?.changed).toBeGreaterThan(0);
  await killDuringChunk(id, crew);
  const { changed, state } = (await bulks.read(id)) ?? {};
  expect(state).toBe('running');
  expect(changed).toBeLessThan(400);
  await fixture.redis.cli('HSET', `{posthouse}:bulk:${id}`, 'perSecond', '500');

  await expect.poll(async () => (await bulks.read(id))?.state).toBe('done');
  expect(await bulks.read(id)).toMatchObject({ processed: 400, changed: 400, unchanged: 0 });
  const attempts = async () => {
    const records = await Promise.all(mails.map((mail) => fixture.queue.read(mail.id)));
    return new Set(records.map((record) => `${record?.state} after ${record?.attemptCount}`));
  };
  await expect.poll(attempts).toEqual(new Set(['failed after 2']));
});
