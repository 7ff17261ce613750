/** Failovers in which the former primary keeps its connections and refuses to write: two real Redis behind one endpoint. */
import { durations, type MailRecord, retention, timings } from '@posthouse/contract';
import { freePort, patientDurations, ReplicatedRedis } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { AuditLog } from '../../src/accounts/audit-log.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import type { NewMail } from '../../src/record/new-record.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { batchesKey, delayedKey, lockKey, recordKey, sizesKey, unfinishedKey } from '../../src/redis/keys.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { LeasedMail } from '../../src/worker/leased-mail.ts';
import { MailConsumer, type RunResult } from '../../src/worker/mail-consumer.ts';
import { Sweeper } from '../../src/worker/sweeper.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const redis = new ReplicatedRedis();
const events: string[] = [];
const log = (event: string) => void events.push(event);
const patient = patientDurations();
const queueTimings = patient.timings.queue;
const patientMs = queueTimings.command;
let requests: RequestConnection;
let queue: MailQueue;

beforeAll(() => redis.start());
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.primary.cli('FLUSHALL');
  events.length = 0;
  requests = new RequestConnection(redis.url, sealer, patient, log);
  queue = new MailQueue(requests);
  await requests.start();
  await requests.whenReady();
});
afterEach(async () => {
  queueTimings.command = patientMs;
  redis.endpoint.resume();
  redis.moveEndpoint();
  await requests.stop();
});

function newMail(change: Partial<NewMail> = {}): MailRecord {
  return newRecord(newMailId(), sampleMail(change), Date.now());
}

/** Mails that have a record, an index entry and an unfinished entry. */
async function acceptedMails(): Promise<number> {
  const sizes = (await redis.primary.cli('HVALS', sizesKey)).split('\n').map(Number);
  const mails = sizes.reduce((sum, size) => sum + size, 0);
  expect(await redis.primary.cli('ZCARD', unfinishedKey)).toBe(String(mails));
  return mails;
}

describe('a request', () => {
  it('is carried out by the new primary: a transaction, a script, a plain command', async () => {
    await queue.accept([newMail()]);
    await redis.failOver();
    const record = newMail();
    await queue.accept([record]);
    expect(await redis.primary.cli('EXISTS', recordKey(record.id), `{posthouse}:mail:${record.id}`)).toBe('2');

    await redis.failOver();
    expect(await queue.cancel(record.id)).toEqual({ changed: true, state: 'cancelled' });

    await redis.failOver();
    const audit = new AuditLog(requests);
    await audit.append({ who: 'anne', role: 'admin', action: 'pause' });
    expect((await audit.page(10)).entries).toHaveLength(1);
    await expect.poll(() => events.join()).toBe(Array(3).fill('Redis is a replica,Redis connected again').join());
  });

  it('is carried out once, among many at the same time', async () => {
    await queue.accept([newMail()]);
    await redis.failOver();
    const records = Array.from({ length: 30 }, () => newMail());
    await Promise.all(records.map((record) => queue.accept([record])));
    expect(await acceptedMails()).toBe(31);
  });

  it('waits for the next connection where an earlier refusal has ended the one before', async () => {
    await redis.failOver();
    expect(await requests.state()).toBe('read-only');
    await queue.accept([newMail()]);
    expect(await acceptedMails()).toBe(1);
  });

  it('fails in time while the endpoint leads to the former primary, which is reported, and succeeds once it has moved', async () => {
    const record = newMail();
    await redis.failOver({ moveEndpoint: false });
    queueTimings.command = timings.queue.command;
    await expect(queue.accept([record])).rejects.toBeInstanceOf(QueueUnavailable);
    expect(await requests.state()).toBe('read-only');
    await expect(queue.accept([record])).rejects.toBeInstanceOf(QueueUnavailable);
    // What a replica has may be old.
    for (const until = Date.now() + 500; Date.now() < until; ) {
      await expect(queue.read(record.id)).rejects.toBeInstanceOf(QueueUnavailable);
      await new Promise((resolve) => setImmediate(resolve));
    }
    redis.moveEndpoint();
    queueTimings.command = patientMs;
    await expect.poll(() => requests.state()).toBe('ok');
    await queue.accept([record]);
    expect(await acceptedMails()).toBe(1);
    expect(events).toEqual(['Redis is a replica', 'Redis connected again']);
  });

  it('accepts a batch completely, at whichever step the failover happens', { timeout: 180_000 }, async () => {
    const quick = { ...timings, sweep: { intervalMs: 20, lease: 18, overdue: 60_000 }, batchTimeout: 2000 };
    const worker = new WorkerConnection(redis.url, sealer, { timings: quick, retention }, () => undefined);
    await worker.start();
    const sweeper = new Sweeper(worker, () => undefined);
    redis.endpoint.stallAt({ when: () => false, side: 'request' });
    await queue.accept(Array.from({ length: 250 }, () => newMail()));
    const { seen } = redis.endpoint;
    await sweeper.start();
    for (const [share, side] of [
      [0, 'request'],
      [0.4, 'reply'],
      [0.7, 'request'],
      [1, 'reply'],
    ] as const) {
      await redis.primary.cli('FLUSHALL');
      const records = Array.from({ length: 250 }, () => newMail());
      const stop = Math.max(1, Math.round(share * seen));
      redis.endpoint.stallAt({ when: (_piece, nth) => nth >= stop, side });
      const accepting = queue.accept(records).catch((error: Error) => error);
      await expect.poll(() => redis.endpoint.seen).toBeGreaterThanOrEqual(stop);
      await redis.failOver();
      redis.endpoint.resume();
      const result = await accepting;
      const where = `${side} ${stop} of ${seen}: ${result?.message}`;
      // What is open is settled by the sweeper.
      await expect.poll(() => redis.primary.cli('ZCARD', batchesKey)).toBe('0');
      expect(result === undefined ? [250] : [0, 250], where).toContain(await acceptedMails());
      await expect.poll(() => queue.accept(records).catch((error: Error) => error.message)).toBeUndefined();
      expect(await acceptedMails(), `${where}, repeated`).toBe(250);
    }
    await sweeper.stop();
    await worker.stop();
  });
});

describe('a worker', () => {
  let worker: WorkerConnection;
  let consumer: MailConsumer | undefined;
  const threw: string[] = [];

  beforeEach(async () => {
    worker = new WorkerConnection(redis.url, sealer, durations, log);
    await worker.start();
    threw.length = 0;
  });
  afterEach(async () => {
    await consumer?.stop();
    await worker.stop();
    consumer = undefined;
    expect(threw).toEqual([]);
  });

  /** Starts a consumer. @returns the ids of the runs, in order */
  async function consume(run: (mail: LeasedMail) => Promise<RunResult>): Promise<string[]> {
    const ids: string[] = [];
    const handler = async (mail: LeasedMail) => {
      ids.push(mail.id);
      return await run(mail);
    };
    consumer = new MailConsumer(worker, 3, handler, (_id, error) => void threw.push(error.message));
    await consumer.start();
    return ids;
  }

  async function accepted(change: Partial<NewMail> = {}): Promise<string> {
    const record = newMail(change);
    await queue.accept([record]);
    return record.id;
  }

  it('that waits for mail takes the next one, and a scheduled one on time', async () => {
    const takenAt = new Map<string, number>();
    const ids = await consume(async ({ id }) => {
      takenAt.set(id, Date.now());
      return { kind: 'ended' };
    });
    const first = await accepted();
    await expect.poll(() => ids).toEqual([first]);
    const dueAt = Date.now() + 1000;
    const scheduled = await accepted({ scheduledAt: dueAt });
    await redis.failOver();
    const second = await accepted();
    await expect.poll(() => ids.toSorted()).toEqual([first, second, scheduled].toSorted());
    expect(takenAt.get(scheduled)).toBeGreaterThanOrEqual(dueAt);
  });

  it('ends the mails in progress as if nothing had happened: done, rescheduled or failed', async () => {
    const results = new Map<string, RunResult>();
    let release: () => void = () => undefined;
    const failedOver = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ids = await consume(async ({ id }) => {
      await failedOver;
      return results.get(id) as RunResult;
    });
    const [done, later, failed] = [await accepted(), await accepted(), await accepted()];
    results.set(done, { kind: 'ended' });
    results.set(later, { kind: 'reschedule', at: Date.now() + 60_000 });
    results.set(failed, { kind: 'failed', reason: '550 5.1.1' });
    await expect.poll(() => ids.length).toBe(3);
    await redis.failOver();
    release();
    await expect.poll(() => redis.primary.cli('ZSCORE', delayedKey, later)).not.toBe('');
    await expect.poll(() => redis.primary.cli('EXISTS', `{posthouse}:mail:${done}`)).toBe('0');
    await expect.poll(() => redis.primary.cli('ZRANGE', '{posthouse}:mail:failed', '0', '-1')).toBe(failed);
    expect(await redis.primary.cli('HGET', `{posthouse}:mail:${failed}`, 'failedReason')).toBe('550 5.1.1');
    expect(await redis.primary.cli('ZCARD', '{posthouse}:mail:failed')).toBe('1');
    expect(ids).toHaveLength(3);
  });

  it('stops while the connection on which it waits for mail waits to connect again', async () => {
    await consume(async () => ({ kind: 'ended' }));
    const waiting = () => redis.primary.cli('CLIENT', 'LIST');
    await expect.poll(waiting).toMatch(/flags=b .*cmd=bzpopmin/);
    redis.endpoint.switchTo(await freePort());
    const [, id = ''] = /id=(\d+) .*cmd=bzpopmin/.exec(await waiting()) ?? [];
    await redis.primary.cli('CLIENT', 'KILL', 'ID', id);
    await expect.poll(waiting).not.toMatch(/cmd=bzpopmin/);
    await consumer?.stop();
  });

  it('begins a mail, passes the gate and stores the outcome over the next connection each time', async () => {
    const id = await accepted();
    const mail = new LeasedMail(id, 'token', worker.records, 'worker');
    await worker.redis.set(lockKey(id), 'token');
    await redis.failOver();
    expect(await mail.begin()).toMatchObject({ kind: 'ready' });
    await redis.failOver();
    expect(await mail.gate(60_000)).toEqual({ kind: 'open' });
    await redis.failOver();
    const deferral = { at: Date.now(), durationMs: 1, reason: '451', steps: [] };
    expect(await mail.recordDeferral(deferral, 0)).toMatchObject({ kind: 'changed', state: 'retrying' });
  });

  it('denies the gate while there is no primary, and waits with the outcome until there is one', async () => {
    const quick = { ...timings, queue: { ...timings.queue, gate: 100 } };
    const impatient = new WorkerConnection(redis.url, sealer, { timings: quick, retention }, () => undefined);
    await impatient.start();
    const id = await accepted();
    const mail = new LeasedMail(id, 'token', impatient.records, 'worker');
    await impatient.redis.set(lockKey(id), 'token');
    await mail.begin();
    await redis.failOver({ moveEndpoint: false });
    expect(await mail.gate(60_000)).toMatchObject({ kind: 'denied', why: expect.stringMatching(/100 ms/) });
    const stored = mail.recordDeferral({ at: Date.now(), durationMs: 1, reason: 'gate-denied', steps: [] }, 0);
    redis.moveEndpoint();
    expect(await stored).toMatchObject({ kind: 'changed', state: 'retrying' });
    expect((await queue.read(id))?.messageStartedAt).toBeUndefined();
    await impatient.stop();
  });
});
