import { setTimeout } from 'node:timers/promises';
import { durations, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess, TcpProxy } from '@posthouse/devkit';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { RecordError } from '../../src/record/record-error.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const patient = patientDurations();
const queueTimings = patient.timings.queue;
let connection: RequestConnection;
let queue: MailQueue;
let redis: Redis;

async function ready(): Promise<void> {
  while (!(await queue.isReady())) await new Promise((resolve) => setImmediate(resolve));
}

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(async () => {
  redis = new Redis(server.url);
  await redis.flushall();
  connection = new RequestConnection(server.url, sealer, patient, () => undefined);
  queue = new MailQueue(connection);
  await connection.start();
  await ready();
});
afterEach(async () => {
  await connection.stop();
  redis.disconnect();
});

describe('accept', () => {
  it('stores record and job together, and reads the complete record back', async () => {
    const record = newRecord(newMailId(), sampleMail({ metadata: { order: 7 } }), Date.now());
    await queue.accept([record]);

    expect(await queue.read(record.id, true)).toEqual(record);
    const { content: _content, ...withoutContent } = record;
    expect(await queue.read(record.id)).toEqual(withoutContent);
    const job = await new Queue('mail', { connection: redis, prefix: '{posthouse}' }).getJob(record.id);
    expect(job).toMatchObject({ name: 'send-mail', data: { v: 1, id: record.id }, id: record.id });
    expect(record.messageId).toBe(`<${record.id}@example.com>`);
  });

  it('stores a job that is due as BullMQ does, and leaves an existing one as it is', async () => {
    const record = newRecord(newMailId(), sampleMail(), Date.now());
    await queue.accept([record]);
    const bullmq = new Queue('mail', { connection: redis, prefix: '{posthouse}' });
    await bullmq.add('send-mail', { v: 1, id: record.id }, { jobId: 'other', priority: 2, attempts: 1 });
    const stored = async (id: string) => {
      const { opts = '', timestamp, ...fields } = await redis.hgetall(`{posthouse}:mail:${id}`);
      return { ...fields, opts: { ...JSON.parse(opts), jobId: id }, age: Math.floor((Date.now() - Number(timestamp)) / 60_000) };
    };
    const theirs = await stored('other');
    expect(await stored(record.id)).toEqual({ ...theirs, opts: { ...theirs.opts, jobId: record.id } });
    const ofPriority = 2 * 2 ** 32;
    const due = [record.id, `${ofPriority + 1}`, 'other', `${ofPriority + 2}`];
    expect(await redis.zrange('{posthouse}:mail:prioritized', '0', '-1', 'WITHSCORES')).toEqual(due);
    expect(await redis.zrange('{posthouse}:mail:marker', '0', '-1', 'WITHSCORES')).toEqual(['0', '0']);

    await redis.del('{posthouse}:mail:marker');
    await redis.hset(`{posthouse}:mail:${record.id}`, 'priority', '3');
    await queue.accept([record]);
    expect((await redis.hgetall(`{posthouse}:mail:${record.id}`)).priority).toBe('3');
    expect(await redis.zrange('{posthouse}:mail:prioritized', '0', '-1', 'WITHSCORES')).toEqual(due);
    await bullmq.pause();
    await queue.accept([newRecord(newMailId(), sampleMail(), Date.now())]);
    expect(await redis.zcard('{posthouse}:mail:prioritized')).toBe(3);
    expect(await redis.exists('{posthouse}:mail:marker')).toBe(0);
  });

  it('changes nothing when it is repeated, even after the state of the mail has changed', async () => {
    const record = newRecord(newMailId(), sampleMail(), Date.now());
    await queue.accept([record]);
    await redis.hset(`{posthouse}:record:${record.id}`, 'state', 'sending');
    await queue.accept([record]);

    expect((await queue.read(record.id))?.state).toBe('sending');
    expect(await redis.zcard('{posthouse}:mail:prioritized')).toBe(1);
  });

  it('queues mail by priority, and delays scheduled mail', async () => {
    const now = Date.now();
    const low = newRecord(newMailId(), sampleMail({ priority: 'low' }), now);
    const high = newRecord(newMailId(), sampleMail({ priority: 'high' }), now);
    const later = newRecord(newMailId(), sampleMail({ scheduledAt: now + 3_600_000 }), now);
    await queue.accept([low, later, high]);

    expect(later.state).toBe('scheduled');
    expect(await redis.zrange('{posthouse}:mail:prioritized', '0', '-1')).toEqual([high.id, low.id]);
    expect(await redis.zrange('{posthouse}:mail:delayed', '0', '-1')).toEqual([later.id]);
  });

  it('accepts a thousand mails at once', async () => {
    const records = Array.from({ length: 1000 }, () => newRecord(newMailId(), sampleMail(), Date.now()));
    await queue.accept(records);
    expect(await redis.zcard('{posthouse}:mail:prioritized')).toBe(1000);
    expect((await redis.keys('{posthouse}:record:*')).length).toBe(1000);
  });

  it('makes each address one recipient, whatever its case', () => {
    const anne = { address: 'Anne@example.com' };
    const record = newRecord(
      'id',
      sampleMail({
        envelope: { ...sampleMail().envelope, to: [anne], cc: [{ address: 'anne@example.com' }, { address: 'bob@example.com' }] },
      }),
      0,
    );
    expect(record.recipients.map(({ address, kind }) => [address, kind])).toEqual([
      ['Anne@example.com', 'to'],
      ['bob@example.com', 'cc'],
    ]);
  });

  it('leaves no address, name, data or metadata in clear anywhere in Redis', async () => {
    await queue.accept([newRecord(newMailId(), sampleMail({ metadata: { planted: 'planted-metadata' } }), Date.now())]);
    for (const key of await redis.keys('*')) {
      expect((await redis.dumpBuffer(key)).toString('latin1')).not.toMatch(/planted|anne/i);
    }
  });
});

describe('read', () => {
  it('names the missing key of a mail that is sealed with another one, and changes nothing', async () => {
    const record = newRecord(newMailId(), sampleMail(), Date.now());
    await queue.accept([record]);
    const before = await redis.hgetall(`{posthouse}:record:${record.id}`);
    const other = new RequestConnection(server.url, new Sealer(sealKeys(`other:${'9'.repeat(64)}`)), patient, () => undefined);
    await other.start();
    await other.whenReady();
    const error = await new MailQueue(other).read(record.id, true).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordError);
    expect(error).toMatchObject({ name: 'KeyMissingError', keyId: '0', message: expect.stringMatching(/key "0".*POSTHOUSE_SECRET/) });
    expect(await redis.hgetall(`{posthouse}:record:${record.id}`)).toEqual(before);
    await other.stop();
  });
});

describe('while Redis is unavailable', () => {
  it('throws at its time limit, or before, when Redis is gone, frozen or was never there, and works again afterwards', async () => {
    const record = () => newRecord(newMailId(), sampleMail(), Date.now());
    const refusal = async (work: Promise<unknown>, reason: RegExp) => {
      await expect(work).rejects.toMatchObject({ name: 'QueueUnavailable', message: expect.stringMatching(reason) });
    };
    const timeout = /^Redis did not answer within \d{1,3} ms$/;
    const noConnection = /^Redis cannot be reached/;

    await server.kill('SIGSTOP');
    queueTimings.command = timings.queue.command;
    await refusal(queue.accept([record()]), timeout);
    await refusal(queue.read(newMailId()), timeout);
    await server.kill('SIGCONT');
    queueTimings.command = patientDurations().timings.queue.command;
    await ready();

    await server.kill('SIGKILL');
    await refusal(queue.accept([record()]), noConnection);
    const late = new RequestConnection(server.url, sealer, patient, () => undefined);
    const early = new MailQueue(late);
    await late.start();
    await refusal(early.accept([record()]), noConnection);
    expect(await early.isReady()).toBe(false);
    const whenReady = late.whenReady();

    await server.restart();
    await ready();
    await whenReady;
    await queue.accept([record()]);
    await early.accept([record()]);
    await late.stop();
  });

  it('does not time out because the process itself is late', async () => {
    queueTimings.command = timings.queue.command;
    const accepting = queue.accept([newRecord(newMailId(), sampleMail(), Date.now())]);
    queueTimings.command = patientDurations().timings.queue.command;
    for (let n = 0; n < 3; n++) {
      await new Promise((resolve) => setImmediate(resolve));
      const until = performance.now() + timings.queue.command + 100;
      while (performance.now() < until);
    }
    await accepting;
  });

  it.each(['late', 'not at all'])(
    'waits for a large mail while it is being written, until the connection counts as lost: it is read %s',
    async (how) => {
      const bytes = 16_000_000;
      /** How long its acceptance may take while nothing is being written. */
      const limitMs = timings.queue.command + (bytes / 1024 / 1024) * timings.queue.perMebibyte;
      const scaled = { ...timings, redis: { ...timings.redis, requestSilence: limitMs + (how === 'late' ? 60_000 : 1000) } };
      const network = new TcpProxy(server.port);
      await network.start();
      const another = new RequestConnection(
        `redis://127.0.0.1:${network.port}`,
        sealer,
        { ...durations, timings: scaled },
        () => undefined,
      );
      const slow = new MailQueue(another);
      await another.start();
      // After the first mail, nothing but the mail itself has to be written or read for the next one.
      const small = newRecord(newMailId(), sampleMail(), Date.now());
      await expect.poll(() => slow.accept([small]).catch((error: Error) => error.message)).toBeUndefined();
      const attachment = { filename: 'a.bin', contentType: 'application/octet-stream', content: 'A'.repeat(bytes) };
      const mail = sampleMail();
      const record = newRecord(newMailId(), { ...mail, content: { ...mail.content, attachments: [attachment] } }, Date.now());
      network.stopReading();
      const accepting = slow.accept([record]);
      if (how === 'late') {
        const isPending = Promise.race([accepting.catch(() => 'refused'), setTimeout(limitMs + 500, 'pending')]);
        expect(await isPending).toBe('pending');
        network.read();
        await accepting;
        expect((await queue.read(record.id))?.state).toBe('queued');
      } else await expect(accepting).rejects.toThrow(/Redis cannot be reached/);
      await another.stop();
      await network.stop();
    },
  );

  it('accepts again after Redis was full or lost its scripts in the middle of an acceptance', async () => {
    for (const interruption of [
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['SCRIPT', 'FLUSH'],
    ] as const) {
      const another = new RequestConnection(server.url, sealer, patient, () => undefined);
      const fresh = new MailQueue(another);
      await another.start();
      while (!(await fresh.isReady())) await new Promise((resolve) => setImmediate(resolve));
      const record = newRecord(newMailId(), sampleMail(), Date.now());
      await server.cli('SCRIPT', 'FLUSH');
      await server.cli(...interruption);
      await fresh.accept([record]).catch(() => undefined);
      await redis.config('SET', 'maxmemory', '0');
      await server.cli('SCRIPT', 'FLUSH');
      await vi.waitFor(() => fresh.accept([record]), { timeout: 60_000, interval: 20 });
      expect(await redis.exists(`{posthouse}:mail:${record.id}`)).toBe(1);
      expect((await fresh.read(record.id))?.state).toBe('queued');
      await another.stop();
    }
  });

  it('throws when Redis is full', async () => {
    await redis.config('SET', 'maxmemory', '1');
    await expect(queue.accept([newRecord(newMailId(), sampleMail(), Date.now())])).rejects.toBeInstanceOf(QueueUnavailable);
    await redis.config('SET', 'maxmemory', '0');
  });

  it('throws when it was not started', async () => {
    const idle = new MailQueue(new RequestConnection(server.url, sealer, durations, () => undefined));
    await expect(idle.accept([])).resolves.toBeUndefined();
    await expect(idle.read(newMailId())).rejects.toBeInstanceOf(QueueUnavailable);
  });
});
