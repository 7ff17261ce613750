import { fileURLToPath } from 'node:url';
import { AppProcess, patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { BulkActions } from '../../src/operations/bulk-actions.ts';
import { BulkLease } from '../../src/operations/bulk-lease.ts';
import { BulkRunner } from '../../src/operations/bulk-runner.ts';
import { bulkKey, recordKey } from '../../src/redis/keys.ts';
import { MailConsumer } from '../../src/worker/mail-consumer.ts';
import { OperationsFixture } from '../operations-fixture.ts';
import { attemptResult } from '../records-fixture.ts';
import { secret } from '../sample-mail.ts';

const { timings } = patientDurations();
const fixture = new OperationsFixture();
const lease = 300;
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

async function run(): Promise<BulkRunner> {
  const runner = new BulkRunner(
    await fixture.newRequestConnection({ ...timings, bulk: { ...timings.bulk, poll: 20, lease } }),
    () => undefined,
  );
  await runner.start();
  return runner;
}

it('the action of a killed process is taken over by another: each mail is changed once and counted once', async () => {
  // Mails that fail again at once would be retried again by a runner that does not know what its predecessor did.
  const failing = new MailConsumer(
    await fixture.newWorkerConnection(),
    20,
    async (mail) => {
      // A job that was renewed just after it had run comes once more, and finds an ended mail.
      if ((await mail.begin()).kind === 'ready') await mail.recordAttempt(attemptResult('rejected'));
      return { kind: 'failed', reason: '550 5.1.1' };
    },
    () => undefined,
  );
  await failing.start();
  const failed = await fixture.importedMails(300, 'failed');
  const killed = new AppProcess({
    name: 'bulk runner',
    entry: fileURLToPath(new URL('bulk-runner-process.mjs', import.meta.url)),
    args: [fixture.server.url, secret, String(lease)],
    env: { PATH: process.env['PATH'] },
    readyWhen: (line) => line === 'ready',
  });
  await killed.start();

  const bulks = new BulkActions(fixture.requests);
  const scope = { filter: { state: ['failed' as const] } };
  // So slow that it is killed in the middle, however late that is.
  const id = await bulks.start({ action: 'retry', scope, by: 'anne', perSecond: 40 });
  await expect.poll(async () => (await bulks.read(id))?.changed).toBeGreaterThan(0);
  killed.kill('SIGKILL');
  await killed.exit;
  expect(await bulks.read(id)).toMatchObject({ state: 'running' });
  await fixture.redis.hset(bulkKey(id), 'perSecond', 1000);

  const runner = await run();
  await expect.poll(async () => (await bulks.read(id))?.state).toBe('done');
  expect(await bulks.read(id)).toMatchObject({ processed: 300, changed: 300, unchanged: 0 });
  const attempts = () => Promise.all(failed.map((mail) => fixture.redis.hget(recordKey(mail.id), 'attemptCount')));
  await expect.poll(async () => [...new Set(await attempts())]).toEqual(['2']);
  await runner.stop();
  await failing.stop();
});

it('a pending chunk is counted once, and only mails that were not changed are changed', async () => {
  const failed = await fixture.importedMails(4, 'failed');
  const [untouched, retried, retriedWithoutJob, failedAgain] = failed.map((mail) => mail.id) as [string, string, string, string];
  const bulks = new BulkActions(fixture.requests);
  const scope = { filter: { state: ['failed' as const] } };
  const id = await bulks.start({ action: 'retry', scope, by: 'anne', perSecond: 500 });
  const chunk = {
    ids: [untouched, retried, retriedWithoutJob, failedAgain],
    processed: 5,
    cursor: '0.00000000-0000-7000-8000-000000000000',
  };
  await fixture.redis.hset(bulkKey(id), 'pendingChunk', JSON.stringify(chunk));
  await fixture.queue.retry(retried);
  await fixture.queue.retry(retriedWithoutJob);
  await fixture.redis.zrem('{posthouse}:mail:prioritized', retriedWithoutJob);
  await fixture.redis.del(`{posthouse}:mail:${retriedWithoutJob}`);
  await fixture.redis.hset(recordKey(failedAgain), 'endedAt', Date.now() + 1);

  const runner = await run();
  await expect.poll(async () => (await bulks.read(id))?.state).toBe('done');
  expect(await bulks.read(id)).toMatchObject({ processed: 5, changed: 4, unchanged: 1 });
  expect(await fixture.states(failed)).toEqual({ queued: 3, failed: 1 });
  expect(await fixture.jobs()).toBe(3);
  await runner.stop();
});

it('a chunk that is committed twice, as by a repeated command, is counted once', async () => {
  const bulks = new BulkActions(fixture.requests);
  const id = await bulks.start({ action: 'retry', scope: { ids: ['a', 'b'] }, by: 'anne', perSecond: 500 });
  const lease = new BulkLease(fixture.requests, id, 'this process');
  await lease.claim();
  const chunk = { ids: ['a', 'b'], processed: 2, cursor: '2' };
  await lease.beginChunk(chunk);
  for (let time = 0; time < 2; time++) expect(await lease.commitChunk(chunk, 1)).toBe(true);
  expect(await bulks.read(id)).toMatchObject({ processed: 2, changed: 1 });
});
