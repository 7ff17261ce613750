import { durations, retention, timings } from '@posthouse/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { endedKey, recordKey, unfinishedKey } from '../../src/redis/keys.ts';
import { Sweeper } from '../../src/worker/sweeper.ts';
import { RecordsFixture } from '../records-fixture.ts';
import { sealer } from '../sample-mail.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

it('creates the job of a mail that has none or one that is far too late, leaves waiting mails unchanged, and removes ended ones from the unfinished', async () => {
  const jobs = new MailJobs(fixture.redis, durations, () => undefined);
  const orphaned = await fixture.acceptedMail();
  const waiting = await fixture.acceptedMail();
  await jobs.renew({ id: waiting.id, state: waiting.state, priority: waiting.priority, at: waiting.dueAt });
  // The process in which a user chose to send it now died before it renewed the job.
  const late = await fixture.acceptedMail({ scheduledAt: Date.now() + 3_600_000 });
  await jobs.renew({ id: late.id, state: late.state, priority: late.priority, at: late.dueAt });
  await fixture.records.sendNow(late.id);
  const ended = await fixture.acceptedMail();
  await fixture.redis.hset(recordKey(ended.id), 'state', 'sent');
  const overdue = Date.now() - 1000;
  for (const { id } of [orphaned, waiting, late, ended]) await fixture.redis.zadd(unfinishedKey, overdue, id);

  const reported: string[] = [];
  const connection = new WorkerConnection(
    fixture.server.url,
    sealer,
    { timings: { ...timings, sweep: { intervalMs: 30, lease: 27, overdue: 500 } }, retention },
    () => undefined,
  );
  const sweeper = new Sweeper(connection, (id) => reported.push(id));
  await connection.start();
  await sweeper.start();
  await expect.poll(() => fixture.redis.zscore(unfinishedKey, ended.id)).toBeNull();
  await expect.poll(() => reported.toSorted()).toEqual([orphaned.id, late.id]);
  for (const { id } of [orphaned, late]) expect(await jobs.isScheduled(id, Date.now())).toBe(true);
  expect(Number(await fixture.redis.zscore(unfinishedKey, waiting.id))).toBeGreaterThan(overdue);
  await sweeper.stop();
  await connection.stop();
  await jobs.close();
});

it('skips a sweep while one is in progress, so that a stop waits for that one alone', async () => {
  const sweep = { intervalMs: 1, lease: 27, overdue: 500 };
  const connection = new WorkerConnection(fixture.server.url, sealer, { timings: { ...timings, sweep }, retention }, () => undefined);
  await connection.start();
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // With this each sweep looks for open batches.
  let sweeps = 0;
  connection.redis.zrangebyscore = async () => {
    sweeps++;
    await released;
    return [];
  };
  const sweeper = new Sweeper(connection, () => undefined);
  await sweeper.start();
  let intervals = 0;
  const timer = setInterval(() => intervals++, 1);
  await expect.poll(() => intervals > 20 && sweeps > 0).toBe(true);
  clearInterval(timer);
  expect(sweeps).toBe(1);
  const stopped = sweeper.stop();
  release();
  await stopped;
  // This sweep's own other two searches may follow.
  expect(sweeps).toBeLessThanOrEqual(3);
  await connection.stop();
});

it('purges an ended mail once its retention is over: record, index entries and job', async () => {
  await fixture.redis.flushdb();
  const jobs = new MailJobs(fixture.redis, durations, () => undefined);
  const over = await fixture.sendingMail();
  await fixture.recordAttempt(over, 'rejected');
  await jobs.renew({ id: over.id, state: 'failed', priority: 'normal', at: 0 });
  const kept = await fixture.sendingMail();
  await fixture.recordAttempt(kept, 'rejected');
  await fixture.redis.zadd(endedKey, Date.now() - 1, over.id);

  const connection = new WorkerConnection(
    fixture.server.url,
    sealer,
    { timings: { ...timings, sweep: { intervalMs: 30, lease: 27, overdue: 500 } }, retention },
    () => undefined,
  );
  const sweeper = new Sweeper(connection, () => undefined);
  await connection.start();
  await sweeper.start();
  await expect.poll(() => fixture.redis.zscore(endedKey, over.id)).toBeNull();
  await expect.poll(() => fixture.redis.keys(`*${over.id}*`)).toEqual([]);
  expect(Object.values(await fixture.indexes()).flat()).toContain(kept.id);
  expect(Object.values(await fixture.indexes()).flat()).not.toContain(over.id);
  expect(await fixture.redis.exists(recordKey(kept.id))).toBe(1);
  await sweeper.stop();
  await connection.stop();
  await jobs.close();
});
