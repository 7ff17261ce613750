import { timings } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readRedis, redisWarnings } from '../../src/redis/connection-log.ts';
import { isOlder } from '../../src/redis/redis-version.ts';

const server = new RedisProcess();
let redis: Redis;
beforeAll(async () => {
  await server.start();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

it('no warning about a Redis that keeps what it has acknowledged', async () => {
  expect(Object.values(redisWarnings(await readRedis(redis), timings.redis.clockSkew))).toEqual([]);
});

it('a warning about each setting that may evict or lose mails', async () => {
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await redis.config('SET', 'appendfsync', 'everysec');
  expect(Object.values(redisWarnings(await readRedis(redis), timings.redis.clockSkew))).toEqual([
    { event: expect.stringContaining('evict'), 'maxmemory-policy': 'allkeys-lru', fix: expect.stringContaining('noeviction') },
    {
      event: expect.stringContaining('lose'),
      appendonly: 'yes',
      appendfsync: 'everysec',
      fix: expect.stringContaining('appendfsync always'),
    },
  ]);
});

it.each([
  ['6.0.16', true],
  ['6.2', true],
  ['6.2.0', false],
  ['7.0.15', false],
  ['10.0.0', false],
])('version %s is older than 6.2.0: %s', (version, older) => {
  expect(isOlder(version, '6.2.0')).toBe(older);
});

it('a warning about a clock that differs from that of this machine', async () => {
  const began = performance.now();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  const warnings = Object.values(redisWarnings(await readRedis(redis), timings.redis.clockSkew));
  vi.useRealTimers();
  expect(warnings[0]?.event).toMatch(/clock differs/);
  // The replaced clock stands still, that of Redis does not. A second more, because clocks are set while they run.
  const leastSkew = 60_000 - (performance.now() - began) - 1000;
  expect(warnings[0]?.['skewMs']).toSatisfy((ms: number) => ms >= leastSkew && ms <= 61_000);
});

it('that the settings cannot be read is the only warning then', async () => {
  await redis.call('ACL', 'SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-config');
  const app = redis.duplicate({ username: 'app', password: 'x' });
  const event = 'Redis does not show whether it keeps mails: CONFIG is forbidden';
  expect(Object.values(redisWarnings(await readRedis(app), timings.redis.clockSkew))).toEqual([
    { event, fix: expect.stringContaining('noeviction') },
  ]);
  app.disconnect();
});
