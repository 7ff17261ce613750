import { durations } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { SharedToken } from '../../src/worker/shared-token.ts';

const redis = new RedisProcess();
const hour = 3_600_000;
/** Redis may take as long as in production, except in the test that waits for the end of that time. */
const queue = { ...durations.timings.queue };
const timings = { ...durations.timings, queue };
const connections: WorkerConnection[] = [];
let one: SharedToken;
let two: SharedToken;

/** The token as one more worker sees it. */
async function worker(secret = 'a'.repeat(64), account = 'm365:account'): Promise<SharedToken> {
  const connection = new WorkerConnection(redis.url, new Sealer(sealKeys(secret)), { ...durations, timings }, () => undefined);
  connections.push(connection);
  await connection.start();
  return new SharedToken(connection, { name: 'm365', account });
}

beforeAll(async () => {
  await redis.start();
  [one, two] = [await worker(), await worker()];
});
beforeEach(() => redis.cli('FLUSHALL'));
afterAll(async () => {
  for (const connection of connections) await connection.stop();
  await redis.stop();
});

it('one worker is elected to request a token, and all read what it stores', async () => {
  expect(await one.read()).toBeUndefined();
  expect(await one.elect('', hour)).toBe('elected');
  expect(await two.elect('', hour)).toBe('busy');
  await one.store('planted-token', hour);
  const stored = await two.read();
  expect(stored).toMatchObject({ token: 'planted-token', lifetimeMs: hour });
  expect(stored?.remainingMs).toBeLessThanOrEqual(hour);
  expect(await two.elect('', hour)).toBe('changed');
  expect(await two.elect(stored?.id ?? '', hour)).toBe('elected');
});

it('the election ends with its lease, or when the elected worker gives up; no other worker ends it', async () => {
  expect(await one.elect('', hour)).toBe('elected');
  await two.release();
  expect(await two.elect('', hour)).toBe('busy');
  await one.release();
  expect(await two.elect('', 1)).toBe('elected');
  await expect.poll(() => one.elect('', hour)).toBe('elected');
});

it('a refused token is replaced once in a while', async () => {
  await one.store('refused', hour);
  const known = (await one.read())?.id ?? '';
  expect(await one.elect(known, hour, hour)).toBe('elected');
  expect(await two.elect(known, hour, hour)).toBe('busy');
  await one.store('next', hour);
  expect(await two.elect(known, hour, hour)).toBe('changed');
  const next = (await two.read())?.id ?? '';
  expect(await two.elect(next, hour, hour)).toBe('too-soon');
  expect(await two.elect(next, hour)).toBe('elected');
});

it('Redis expires a token', async () => {
  await one.store('short', 1);
  await expect.poll(() => one.read()).toBeUndefined();
});

it('a token is sealed for its account and with the key of its workers', async () => {
  await one.store('planted-token', hour);
  const [key = ''] = (await redis.cli('KEYS', '*:token:*')).split('\n');
  expect(key).toMatch(/^\{posthouse\}:token:m365:[0-9a-f]{32}$/);
  expect(await redis.cli('HGETALL', key)).not.toContain('planted-token');
  expect(await (await worker(undefined, 'm365:other')).read()).toBeUndefined();
  // The same digest key first, another one to seal: as after a rotation that not every worker knows yet.
  const rotated = await worker(`0:${'a'.repeat(64)},1:${'b'.repeat(64)}`);
  expect((await rotated.read())?.token).toBe('planted-token');
  await redis.cli('HSET', key, 'sealed', 'damaged');
  expect(await one.read()).toMatchObject({ token: undefined });
});

it('does not wait for a Redis that is down as long as other commands do', async () => {
  await redis.kill('SIGSTOP');
  queue.gate = 100;
  await expect(one.read()).rejects.toMatchObject({ name: 'QueueUnavailable' });
  await redis.kill('SIGCONT');
});
