/** Mails that are accepted at the same time share a script, and each gets its own true answer. */
import { once } from 'node:events';
import { limits, type MailRecord, timings } from '@posthouse/contract';
import { patientDurations, RedisProcess, TcpProxy } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { packForLua } from '../../src/redis/lua-values.ts';
import { RedisClock } from '../../src/redis/redis-time.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const { mails: groupSize, groups, mailBytes } = limits.groupCommit;
const server = new RedisProcess();
const durations = patientDurations();
let network: TcpProxy;
let redis: Redis;
let connection: RequestConnection;
let queue: MailQueue;
/** Counts the groups. */
let run: MockInstance<MailJobs['runForEach']>;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(async () => {
  network = new TcpProxy(server.port);
  await network.start();
  redis = new Redis(server.url);
  await redis.flushall();
  connection = new RequestConnection(`redis://127.0.0.1:${network.port}`, sealer, durations, () => undefined);
  await connection.start();
  await connection.whenReady();
  queue = new MailQueue(connection);
  run = vi.spyOn(MailJobs.prototype, 'runForEach');
});
afterEach(async () => {
  run.mockRestore();
  await connection.stop();
  redis.disconnect();
  await network.stop();
});

it('a hundred mails at a time need a few groups, and one alone needs one', async () => {
  const records = newMails(100);
  await Promise.all(records.map((record) => queue.accept([record])));
  expect(await storedIds(records)).toEqual(records.map(({ id }) => id));
  expect(run).toHaveBeenCalledTimes(Math.ceil(100 / groupSize));
  await queue.accept([newMail()]);
  expect(run).toHaveBeenCalledTimes(Math.ceil(100 / groupSize) + 1);
});

it('a large mail is a group of its own', async () => {
  const mail = sampleMail();
  const attachment = { filename: 'a.bin', contentType: 'application/octet-stream', content: 'A'.repeat(mailBytes) };
  const large = newRecord(newMailId(), { ...mail, content: { ...mail.content, attachments: [attachment] } }, Date.now());
  const records = [...newMails(3), large];
  await Promise.all(records.map((record) => queue.accept([record])));
  expect(run).toHaveBeenCalledTimes(2);
  expect(await storedIds(records)).toHaveLength(4);
});

it('a mail that Redis refuses midway through a group fails alone, and is accepted when it is repeated', async () => {
  const records = newMails(9);
  const refused = records[4] as MailRecord;
  // Its job cannot be stored: something else has the key.
  await redis.set(`{posthouse}:mail:${refused.id}`, 'not a hash');
  const results = await Promise.allSettled(records.map((record) => queue.accept([record])));
  expect(run).toHaveBeenCalledTimes(1);
  expect(results.map(({ status }) => status)).toEqual(records.map((record) => (record === refused ? 'rejected' : 'fulfilled')));
  expect(results[4]).toMatchObject({
    reason: { name: 'QueueUnavailable', mayHaveRun: true, message: expect.stringContaining('WRONGTYPE') },
  });
  const withJob = await redis.zrange('{posthouse}:mail:prioritized', '0', '-1');
  expect(records.filter(({ id }) => withJob.includes(id))).toEqual(records.filter((record) => record !== refused));

  await redis.del(`{posthouse}:mail:${refused.id}`);
  await queue.accept([refused]);
  expect(await redis.zrange('{posthouse}:mail:prioritized', '0', '-1')).toContain(refused.id);
});

it('an index that Redis refuses concerns its own mails, and no others of the group', async () => {
  const records = newMails(9);
  const refused = newRecord(newMailId(), sampleMail({ tags: ['damaged'] }), Date.now());
  await redis.set('{posthouse}:index:tag:damaged', 'not a sorted set');
  const results = await Promise.allSettled([...records, refused].map((record) => queue.accept([record])));
  expect(run).toHaveBeenCalledTimes(1);
  expect(results.map(({ status }) => status)).toEqual([...records.map(() => 'fulfilled'), 'rejected']);
  expect(results[9]).toMatchObject({ reason: { mayHaveRun: true, message: expect.stringContaining('WRONGTYPE') } });
  expect(await redis.hvals('{posthouse}:index-sizes')).toEqual(['10']);
  // Its record and its job are there: it is sent.
  expect(await storedIds([refused])).toEqual([refused.id]);
});

it('a Redis that takes 20 ms more for each piece of data accepts all, in groups', async () => {
  network.delay(20);
  const records = newMails(groupSize * groups);
  await Promise.all(records.map((record) => queue.accept([record])));
  expect(await storedIds(records)).toHaveLength(records.length);
  expect(run).toHaveBeenCalledTimes(groups);
});

it('no mail of a group is reported as accepted when the reply is lost, and repeating all accepts each once', async () => {
  const records = newMails(groupSize);
  network.stallAt({ when: (piece) => piece.includes('EXEC') || piece.includes('exec'), side: 'reply' });
  const accepting = Promise.allSettled(records.map((record) => queue.accept([record])));
  while ((await redis.exists(`{posthouse}:record:${records[0]?.id}`)) === 0);
  await network.stop();
  for (const result of await accepting) {
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'QueueUnavailable', mayHaveRun: true } });
  }
  network.resume();
  await network.start();
  await connection.whenReady();
  await Promise.all(records.map((record) => queue.accept([record])));
  expect(await storedIds(records)).toHaveLength(groupSize);
  expect(await redis.zcard('{posthouse}:mail:prioritized')).toBe(groupSize);
});

it('a mail that waits longer than its request does is not accepted afterwards', async () => {
  const { queue: queueTimings } = durations.timings;
  const records = newMails(groupSize * groups + 10);
  await server.kill('SIGSTOP');
  queueTimings.command = timings.queue.command;
  const results = await Promise.allSettled(records.map((record) => queue.accept([record])));
  expect(results.every(({ status }) => status === 'rejected')).toBe(true);
  // On a busy machine some have already waited too long for the first group.
  const sent = records.filter(({ id }) => run.mock.calls.some(([, , { mails }]) => (mails as Buffer).includes(id)));
  expect(sent.length).toBeLessThanOrEqual(groupSize * groups);
  await server.kill('SIGCONT');
  queueTimings.command = patientDurations().timings.queue.command;
  // The mails that Redis has been sent are accepted when it goes on, and this one after them.
  await queue.accept([newMail()]);
  expect(await storedIds(records)).toEqual(sent.map(({ id }) => id));
});

it('a script is given texts, bytes, numbers and lists as they are', async () => {
  const bytes = Buffer.from([0, 255, 128, 10]);
  const packed = packForLua(['', '메일 \ud83d\udce7', bytes, 1764183942123, 0, [], [['a'], 'b'.repeat(300)]]);
  const script = `local values = cmsgpack.unpack(ARGV[1])
    return {values[1], values[2], values[3], string.format('%.0f', values[4]), values[5], #values[6], values[7][1][1], #values[7][2]}`;
  const [empty, text, raw, ...others] = (await redis.callBuffer('EVAL', script, '0', packed)) as Buffer[];
  expect([String(empty), String(text), raw]).toEqual(['', '메일 \ud83d\udce7', bytes]);
  expect(others.map(String)).toEqual(['1764183942123', '0', '0', 'a', '300']);
});

it('many mails read the clock of Redis once, and again after a new connection', async () => {
  const clock = new RedisClock(redis, 60_000);
  const time = vi.spyOn(redis, 'time');
  for (const connections of [1, 2]) {
    const times = await Promise.all(Array.from({ length: 50 }, () => clock.now()));
    const later = await clock.now();
    expect(time).toHaveBeenCalledTimes(1);
    const [seconds] = await redis.time();
    time.mockClear();
    expect(Math.max(...times)).toBeLessThanOrEqual(later);
    expect(later).toBeLessThan((Number(seconds) + 1) * 1000);
    if (connections === 2) break;
    const isReady = once(redis, 'ready');
    redis.disconnect(true);
    await isReady;
  }
});

function newMail(): MailRecord {
  return newRecord(newMailId(), sampleMail(), Date.now());
}

function newMails(count: number): MailRecord[] {
  return Array.from({ length: count }, newMail);
}

/** The ids of these mails that have a record and a job. */
async function storedIds(records: readonly MailRecord[]): Promise<string[]> {
  const jobs = new Set(await redis.zrange('{posthouse}:mail:prioritized', '0', '-1'));
  const stored = await Promise.all(records.map(({ id }) => redis.exists(`{posthouse}:record:${id}`)));
  return records.filter(({ id }, n) => stored[n] === 1 && jobs.has(id)).map(({ id }) => id);
}
