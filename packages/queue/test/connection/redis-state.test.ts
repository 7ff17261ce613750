/** Whether Redis can be used is found out by a write, and said in a word: a real Redis that answers and refuses. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durations } from '@posthouse/contract';
import { freePort, RedisProcess } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { describeRedisState, RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { QueueUnavailable } from '../../src/redis/queue-unavailable.ts';
import { MailConsumer } from '../../src/worker/mail-consumer.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

let dir: string;
let server: RedisProcess;
let connection: RequestConnection;
let queue: MailQueue;
const events: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-state-'));
  // Loading takes long enough to be seen, and Redis replies meanwhile.
  server = new RedisProcess({ dir, settings: { 'key-load-delay': '10000', 'loading-process-events-interval-bytes': '1024' } });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  events.length = 0;
  connection = new RequestConnection(server.url, sealer, durations, (event) => void events.push(event));
  queue = new MailQueue(connection);
  await connection.start();
  await connection.whenReady();
});
afterEach(() => connection.stop());

const state = () => connection.state();
const accept = () => queue.accept([newRecord(newMailId(), sampleMail(), Date.now())]);

/** Nobody listens there, so its replica never has a primary. */
async function becomeReplica(): Promise<void> {
  await server.cli('REPLICAOF', '127.0.0.1', String(await freePort()));
}

it.each([
  {
    is: 'full',
    spoil: () => server.cli('CONFIG', 'SET', 'maxmemory', '1mb'),
    repair: () => server.cli('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    is: 'no-replicas',
    spoil: () => server.cli('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    repair: () => server.cli('CONFIG', 'SET', 'min-replicas-to-write', '0'),
  },
  {
    is: 'cannot-save',
    spoil: async () => {
      // A folder of the name of the snapshot.
      await mkdir(join(dir, 'dump.rdb', 'in-the-way'), { recursive: true });
      await server.cli('CONFIG', 'SET', 'save', '3600 1000000');
      await server.cli('BGSAVE');
      await expect.poll(() => server.cli('INFO', 'persistence')).toContain('rdb_last_bgsave_status:err');
    },
    repair: async () => {
      await server.cli('CONFIG', 'SET', 'save', '');
      await rm(join(dir, 'dump.rdb'), { recursive: true });
    },
  },
  {
    is: 'no-permission',
    spoil: () => server.cli('ACL', 'SETUSER', 'default', '-set', '-hset'),
    repair: () => server.cli('ACL', 'SETUSER', 'default', '+@all'),
  },
  { is: 'read-only', spoil: becomeReplica, repair: () => server.cli('REPLICAOF', 'NO', 'ONE') },
])('a Redis that replies and cannot be used is $is', async ({ is, spoil, repair }) => {
  expect(await state()).toBe('ok');
  await spoil();
  expect(await state()).toBe(is);
  await expect(accept()).rejects.toMatchObject({ name: 'QueueUnavailable', failure: is });
  expect(await connection.isReady()).toBe(false);
  await repair();
  await expect.poll(state).toBe('ok');
  await accept();
});

it('a Redis that refuses the login says so, and not that it is unreachable', async () => {
  const url = server.url.replace('//', '//nobody:wrong@');
  const log: [string, object][] = [];
  const refused = new RequestConnection(url, sealer, durations, (...entry) => void log.push(entry));
  await refused.start();
  await expect.poll(() => refused.state()).toBe('login-refused');
  await expect(new MailQueue(refused).read(newMailId())).rejects.toMatchObject({ failure: 'login-refused' });
  expect(describeRedisState(await refused.state())).toEqual({
    redis: 'login-refused',
    detail: 'Redis refuses the login: correct user and password in REDIS_URL.',
  });
  await refused.stop();
  const fields = { error: expect.stringContaining('WRONGPASS'), fix: 'correct user and password in REDIS_URL' };
  expect(log).toEqual([['Redis refuses the login', fields]]);
});

it('a Redis without the database of REDIS_URL is not used: nothing is written into database 0', async () => {
  await connection.stop();
  // An empty database 0, until the end of the test.
  await server.cli('SWAPDB', '0', '1');
  const log: [string, object][] = [];
  const report = (...entry: [string, object]) => void log.push(entry);
  const request = new RequestConnection(`${server.url}/99`, sealer, durations, report);
  const worker = new WorkerConnection(`${server.url}/99`, sealer, durations, report);
  const consumer = new MailConsumer(worker, 1, async () => ({ kind: 'ended' }), report);
  for (const service of [request, worker, consumer]) await service.start();
  await expect.poll(() => request.state()).toBe('database-missing');
  await expect.poll(() => log).toHaveLength(2);
  await expect(new MailQueue(request).accept([newRecord(newMailId(), sampleMail(), Date.now())])).rejects.toMatchObject({
    failure: 'database-missing',
  });
  for (const service of [consumer, worker, request]) await service.stop();
  const fields = { error: 'ERR DB index is out of range', fix: expect.stringContaining('databases') };
  expect(log).toEqual(Array(2).fill(['Redis does not have the database that REDIS_URL names', fields]));
  expect(await server.cli('KEYS', '*')).toBe('');
  await server.cli('SWAPDB', '0', '1');
});

it('a replica that serves nothing without its primary is left at the first reply that says so', async () => {
  await accept();
  await server.cli('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
  await becomeReplica();
  await expect(queue.read(newMailId())).rejects.toMatchObject({ failure: 'read-only', message: expect.stringContaining('MASTERDOWN') });
  await expect.poll(() => events).toEqual(['Redis is a replica']);
  await server.cli('CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
  expect(await state()).toBe('read-only');
  await server.cli('REPLICAOF', 'NO', 'ONE');
  await expect.poll(state).toBe('ok');
  expect(events).toEqual(['Redis is a replica', 'Redis connected again']);
});

it('a Redis that is not there is unreachable, and one that loads its data is loading; a worker waits for it', async () => {
  for (let n = 0; n < 20; n++) await accept();
  await server.cli('BGREWRITEAOF');
  await expect.poll(() => server.cli('INFO', 'persistence')).toMatch(/aof_rewrite_in_progress:0[\s\S]*aof_rewrite_scheduled:0/);
  await server.kill('SIGKILL');
  await expect.poll(state).toBe('unreachable');
  const starting = server.start();
  await expect.poll(state, { interval: 5 }).toBe('loading');
  // A request waits for the next connection, and fails where Redis is not done with loading in time.
  const early = await queue.read(newMailId()).catch((error: Error) => error);
  expect(early === undefined || early instanceof QueueUnavailable).toBe(true);
  const worker = new WorkerConnection(server.url, sealer, durations, () => undefined);
  await worker.start();
  const record = worker.records.read(newMailId(), false);
  await starting;
  expect(await record).toBeUndefined();
  await worker.stop();
  await expect.poll(state).toBe('ok');
  expect(events).toEqual(['Redis cannot be reached', 'Redis is loading its data', 'Redis connected again']);
});
