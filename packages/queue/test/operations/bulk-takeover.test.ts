import { patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { BulkActions } from '../../src/operations/bulk-actions.ts';
import { BulkLease } from '../../src/operations/bulk-lease.ts';
import { BulkRunner } from '../../src/operations/bulk-runner.ts';
import { bulkKey, recordKey } from '../../src/redis/keys.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const { timings } = patientDurations();
const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

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
  await fixture.redis.hset(recordKey(failedAgain), 'endedAt', Date.now() + 60_000);

  const runner = new BulkRunner(
    await fixture.newRequestConnection({ ...timings, bulk: { ...timings.bulk, poll: 20 } }),
    'worker',
    () => undefined,
  );
  await runner.start();
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
