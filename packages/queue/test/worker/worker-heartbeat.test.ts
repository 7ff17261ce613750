import { timings } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { QueueOverview } from '../../src/monitoring/queue-overview.ts';
import { WorkerHeartbeat, type WorkerInfo } from '../../src/worker/worker-heartbeat.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

const info: WorkerInfo = {
  version: '1.2.3',
  concurrency: 7,
  providers: [{ name: 'ses', host: 'smtp.example.com', account: 'planted-account', ratePerSecond: 14 }],
};
const lively = { ...timings, heartbeat: { ...timings.heartbeat, intervalMs: 20 } };
/** One that has not reported for that long is removed. */
const impatient = { ...timings, heartbeat: { intervalMs: 20, gone: 200 } };

it('a worker is listed while it runs, and not after it stopped', async () => {
  const overview = new QueueOverview(fixture.requests);
  const connection = await fixture.newWorkerConnection(lively);
  const began = Date.now();
  const worker = new WorkerHeartbeat(connection, () => info);
  await worker.stop();
  await worker.start();
  await expect.poll(() => overview.workers()).toHaveLength(1);
  const [alive] = await overview.workers();
  expect(alive).toMatchObject({ version: '1.2.3', concurrency: 7, pid: process.pid, providers: [{ name: 'ses' }] });
  expect(alive?.startedAt).toBeGreaterThanOrEqual(began);
  await expect.poll(async () => (await overview.workers())[0]?.seenAt).toBeGreaterThan((alive?.seenAt ?? 0) + 200);

  // What no worker has written is left out.
  await fixture.redis.zadd('{posthouse}:workers', Date.now() + 60_000, 'other');
  for (const written of ['garbage', 'null', '{}']) {
    await fixture.redis.set('{posthouse}:worker:other', written, 'EX', 60);
    expect((await overview.workers()).length).toBeLessThanOrEqual(1);
  }
  await fixture.redis.del('{posthouse}:worker:other');
  await fixture.redis.zrem('{posthouse}:workers', 'other');

  await worker.stop();
  await worker.stop();
  expect(await overview.workers()).toEqual([]);
  expect(await fixture.redis.keys('*worker*')).toEqual([]);
});

it('a worker that dies is not listed any more, and other workers remove its entry', async () => {
  const overview = new QueueOverview(fixture.requests);
  const connection = await fixture.newWorkerConnection(impatient);
  const dying = new WorkerHeartbeat(connection, () => info);
  const living = new WorkerHeartbeat(await fixture.newWorkerConnection(impatient), () => ({ ...info, version: '2.0.0' }));
  await dying.start();
  await expect.poll(() => overview.workers()).toHaveLength(1);
  await connection.stop();
  await living.start();
  await expect.poll(async () => (await overview.workers()).map(({ version }) => version)).toEqual(['2.0.0']);
  await expect.poll(() => fixture.redis.zcard('{posthouse}:workers')).toBe(1);
  await living.stop();
  await dying.stop();
});

it('a worker is listed again after Redis restarted; its account is never stored in clear', async () => {
  const overview = new QueueOverview(fixture.requests);
  const worker = new WorkerHeartbeat(await fixture.newWorkerConnection(lively), () => info);
  await worker.start();
  await expect.poll(() => overview.workers()).toHaveLength(1);
  for (const key of await fixture.redis.keys('*'))
    expect((await fixture.redis.dumpBuffer(key)).toString('latin1')).not.toContain('planted');

  await fixture.server.kill('SIGKILL');
  await fixture.server.restart();
  await expect.poll(() => fixture.requests.isReady()).toBe(true);
  await fixture.redis.flushall();
  await expect.poll(() => overview.workers()).toHaveLength(1);
  await worker.stop();
});
