import type { Durations } from '@posthouse/contract';
import { patientDurations, RedisProcess, TcpProxy } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { MailConsumer, type MailHandler, type RunResult } from '../../src/worker/mail-consumer.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const errors: string[] = [];
let requests: RequestConnection;
let queue: MailQueue;
let redis: Redis;
let consumer: MailConsumer | undefined;
let connection: WorkerConnection | undefined;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  requests = new RequestConnection(server.url, sealer, patientDurations(), () => undefined);
  queue = new MailQueue(requests);
  await requests.start();
  while (!(await queue.isReady())) await new Promise((resolve) => setImmediate(resolve));
});
afterEach(async () => {
  await consumer?.stop();
  await connection?.stop();
  consumer = undefined;
  await requests.stop();
  redis.disconnect();
  errors.length = 0;
});

async function consume(run: MailHandler, durations: Durations = patientDurations(), redisUrl = server.url): Promise<void> {
  connection = new WorkerConnection(redisUrl, sealer, durations, () => undefined);
  await connection.start();
  consumer = new MailConsumer(connection, 3, run, (id) => void errors.push(id));
  await consumer.start();
}

async function accept(): Promise<string> {
  const record = newRecord(newMailId(), sampleMail(), Date.now());
  await queue.accept([record]);
  return record.id;
}

/** A handler that counts its runs by mail, and `afterRuns`, which resolves after that many runs. */
function runs(end: (nth: number) => RunResult | Promise<RunResult>) {
  const ids: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const run: MailHandler = async ({ id }) => {
    ids.push(id);
    for (const { count, resolve } of waiting) if (ids.length >= count) resolve();
    return await end(ids.length);
  };
  const afterRuns = (count: number) => new Promise<void>((resolve) => (ids.length >= count ? resolve() : waiting.push({ count, resolve })));
  return { run, ids, afterRuns };
}

async function gone(id: string): Promise<void> {
  while ((await redis.exists(`{posthouse}:mail:${id}`)) === 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the consumer waits for a mail. */
async function waiting(): Promise<void> {
  // Blocked in it (b): a connection that has got its reply still shows its last command.
  await expect.poll(() => redis.client('LIST')).toMatch(/flags=b .*cmd=bzpopmin/);
}

describe('MailConsumer', () => {
  it('shows that a mail has its lease for as long as it takes, and since when it has no mail', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { run, afterRuns } = runs(async () => {
      await held;
      return { kind: 'ended' };
    });
    const { timings, retention } = patientDurations();
    // A lease is renewed when half of it is over.
    await consume(run, { retention, timings: { ...timings, queue: { ...timings.queue, lock: 2000 } } });
    const id = await accept();
    await afterRuns(1);
    const leasedAt = consumer?.ranAt ?? Number.POSITIVE_INFINITY;
    expect([consumer?.active, consumer?.idleSince]).toEqual([1, undefined]);
    await expect.poll(() => consumer?.ranAt).toBeGreaterThan(leasedAt);
    finish();
    await gone(id);
    expect(consumer?.active).toBe(0);
    expect(consumer?.idleSince).toBeGreaterThan(leasedAt);
    await consumer?.pause('user');
    expect(consumer?.idleSince).toBeUndefined();
  });

  it('calls the handler once for each mail and removes the job when it is done', async () => {
    const { run, ids, afterRuns } = runs(() => ({ kind: 'ended' }));
    await consume(run);
    const accepted = [await accept(), await accept(), await accept(), await accept()];
    await afterRuns(4);
    for (const id of accepted) await gone(id);
    expect(ids.sort()).toEqual(accepted.sort());
  });

  it('calls the handler again at the time that it returned, without using an attempt of BullMQ', async () => {
    const { run, afterRuns } = runs((nth) =>
      nth === 1 ? { kind: 'reschedule', at: Date.now() + 50 } : { kind: 'failed', reason: '550 5.1.1' },
    );
    await consume(run);
    const id = await accept();
    await afterRuns(2);
    while ((await redis.zscore('{posthouse}:mail:failed', id)) === null) await new Promise((resolve) => setImmediate(resolve));
    expect(await redis.hmget(`{posthouse}:mail:${id}`, 'failedReason', 'priority')).toEqual(['550 5.1.1', '2']);
  });

  it('reschedules a mail when the handler throws', async () => {
    const { run, afterRuns } = runs(() => {
      throw new Error('planted');
    });
    await consume(run);
    const id = await accept();
    await afterRuns(1);
    while ((await redis.zscore('{posthouse}:mail:delayed', id)) === null) await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([id]);
  });

  it('takes no mail while it is paused, also where it was waiting for one', async () => {
    const { run, ids, afterRuns } = runs(() => ({ kind: 'ended' }));
    await consume(run);
    const before = await accept();
    await gone(before);
    await waiting();
    await consumer?.pause('clock');
    const id = await accept();
    const events = async () => (await redis.xrange('{posthouse}:mail:events', '-', '+')).map(([, fields]) => fields.join(' '));
    await expect.poll(events).toContain(`event waiting jobId ${id} prev active`);
    expect(ids).toEqual([before]);
    await consumer?.resume('clock');
    await afterRuns(2);
    expect(ids).toEqual([before, id]);
  });

  it('waits at its stop for the mails in progress', async () => {
    let release: () => void = () => undefined;
    const result = new Promise<RunResult>((resolve) => {
      release = () => resolve({ kind: 'ended' });
    });
    const { run, afterRuns } = runs(() => result);
    await consume(run);
    const id = await accept();
    await afterRuns(1);
    const stopped = consumer?.stop();
    release();
    await stopped;
    expect(await redis.exists(`{posthouse}:mail:${id}`)).toBe(0);
  });

  it('continues after Redis was killed and restarted', async () => {
    const { run, afterRuns } = runs(() => ({ kind: 'ended' }));
    await consume(run);
    await accept();
    await afterRuns(1);
    await server.kill('SIGKILL');
    await server.restart();
    while (!(await queue.isReady())) await new Promise((resolve) => setImmediate(resolve));
    const id = await accept();
    await afterRuns(2);
    await gone(id);
  });

  it('gets a mail again at once that was lost on the way to it, together with the connection', async () => {
    const { run, ids, afterRuns } = runs(() => ({ kind: 'ended' }));
    const proxy = new TcpProxy(server.port);
    await proxy.start();
    const { timings, retention } = patientDurations();
    // For as long as that the mail would wait.
    const queueTimings = { ...timings.queue, lock: 3_600_000 };
    await consume(run, { retention, timings: { ...timings, queue: queueTimings } }, `redis://127.0.0.1:${proxy.port}`);
    await waiting();
    // The script that takes a job is the only one with this key.
    proxy.stallAt({ when: (piece) => piece.includes(':mail:limiter'), side: 'reply' });
    const id = await accept();
    await expect.poll(() => redis.lrange('{posthouse}:mail:active', 0, -1)).toEqual([id]);
    await proxy.stop();
    expect(ids).toEqual([]);
    proxy.resume();
    await proxy.start();
    await afterRuns(1);
    await gone(id);
    expect(ids).toEqual([id]);
    await consumer?.stop();
    await proxy.stop();
  });

  it('started while Redis is down, it waits for mails as soon as Redis is up', async () => {
    const { run, afterRuns } = runs(() => ({ kind: 'ended' }));
    await server.kill('SIGKILL');
    await consume(run);
    // Its first attempt to connect has failed, and that of the connection that waits for jobs, too.
    await expect.poll(() => connection?.redis.status).toBe('reconnecting');
    await server.restart();
    await expect.poll(() => queue.isReady()).toBe(true);
    // The first is found without a wait for it.
    await gone(await accept());
    await gone(await accept());
    await afterRuns(2);
  });
});
