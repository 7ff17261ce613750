/** Redis where it is: a Cluster of three and a master with Sentinels, as real processes. A caller and a worker find the server that has the mails. */
import type { RedisAccess } from '@posthouse/contract';
import { freePort, patientDurations, RedisCluster, SentinelRedis } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';

import { type RedisFailure, redisFailures } from '../../src/redis/redis-failures.ts';
import { MailConsumer } from '../../src/worker/mail-consumer.ts';
import { sampleMail, sealer } from '../sample-mail.ts';

const running: { stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

/** A caller and a worker on that Redis. */
async function begin(url: string, access: RedisAccess = {}) {
  const log: [event: string, fields: object][] = [];
  const report = (...entry: [string, object]) => void log.push(entry);
  const requests = new RequestConnection(url, sealer, patientDurations(), report, access);
  const worker = new WorkerConnection(url, sealer, patientDurations(), report, access);
  const taken: string[] = [];
  const handler = async ({ id }: { id: string }) => {
    taken.push(id);
    return { kind: 'ended' as const };
  };
  const consumer = new MailConsumer(worker, 2, handler, report);
  for (const service of [requests, worker, consumer]) {
    await service.start();
    running.push(service);
  }
  const queue = new MailQueue(requests);
  const accept = async (count = 1) => {
    const records = Array.from({ length: count }, () => newRecord(newMailId(), sampleMail(), Date.now()));
    await queue.accept(records);
    return records.map(({ id }) => id);
  };
  return { requests, log, taken, accept };
}

describe('a Redis Cluster', () => {
  const cluster = new RedisCluster();
  beforeAll(() => cluster.start());
  afterAll(() => cluster.stop());

  it('is used at the server of the slot, also after the slot has moved, without a restart', async () => {
    const { requests, log, taken, accept } = await begin(cluster.url);
    await requests.whenReady();
    const ids = [...(await accept()), ...(await accept(300))];
    await expect.poll(() => taken.toSorted()).toEqual(ids.toSorted());
    const first = await cluster.ownerOf('{posthouse}');
    for (const server of cluster.servers.filter((each) => each !== first)) expect(await server.cli('DBSIZE')).toBe('0');

    const next = cluster.servers.find((each) => each !== first) as typeof first;
    await cluster.move('{posthouse}', next);
    const more = await accept();
    await expect.poll(() => taken.slice(ids.length)).toEqual(more);
    expect(await first.cli('DBSIZE')).toBe('0');
    expect(await next.cli('KEYS', `{posthouse}:record:${more[0]}`)).not.toBe('');
    await expect.poll(() => log.map(([event]) => event)).toContain('Redis connected again');
    expect(log.map(([event]) => event)).toContain('Another server of the Redis Cluster has the keys of Posthouse');
  });

  it('that does not serve the slot is said in words, and used again once it does', async () => {
    const { requests, log, taken, accept } = await begin(cluster.url);
    await requests.whenReady();
    const owner = await cluster.ownerOf('{posthouse}');
    const slot = await owner.cli('CLUSTER', 'KEYSLOT', '{posthouse}');
    await owner.cli('CLUSTER', 'DELSLOTS', slot);
    await expect.poll(() => requests.state()).toBe('slot-not-served');
    await expect.poll(() => log.map(([event]) => event)).toContain('No server of the Redis Cluster serves the keys of Posthouse');
    await owner.cli('CLUSTER', 'ADDSLOTS', slot);
    await cluster.whenOk();
    await expect.poll(() => requests.state()).toBe('ok');
    const ids = await accept();
    await expect.poll(() => taken).toEqual(ids);
  });

  it('reached by redis:// at a server without the slot says what to write in REDIS_URL', async () => {
    const owner = await cluster.ownerOf('{posthouse}');
    const other = cluster.servers.find((server) => server !== owner) as typeof owner;
    const { requests, log } = await begin(other.url);
    await expect.poll(() => requests.state()).toBe('cluster');
    expect(log[0]).toEqual(['Redis is part of a Redis Cluster', { fix: 'let REDIS_URL begin with redis+cluster://' }]);
  });
});

describe('a Sentinel', () => {
  const redis = new SentinelRedis({ replicas: 0, sentinels: 1, sentinelPassword: 'watch' });
  const access = { sentinelPassword: 'watch' };
  beforeAll(() => redis.start());
  afterAll(() => redis.stop());

  it('names the master, also one that is dead, which is said in words until it is back', async () => {
    const { requests, log, taken, accept } = await begin(redis.url, access);
    await requests.whenReady();
    const ids = await accept(20);
    await expect.poll(() => taken.toSorted()).toEqual(ids.toSorted());
    await redis.primary.kill('SIGKILL');
    await expect.poll(() => requests.state()).toBe('dead-master');
    await redis.primary.start();
    await expect.poll(() => requests.state()).toBe('ok');
    const more = await accept();
    await expect.poll(() => taken).toContain(more[0]);
    expect(log.map(([event]) => event)).toContain('The master that the Sentinels name cannot be reached');
  });

  it.each([
    ['knows no such master', () => redis.url.replace(/\w+$/, 'other'), access, 'master-unknown', /no Sentinel knows a master "other"/],
    ['refuses the login', () => redis.url, { sentinelPassword: 'wrong' }, 'login-refused', /WRONGPASS/],
    ['is not there', async () => `redis+sentinel://127.0.0.1:${await freePort()}/mail`, {}, 'no-sentinel', /ECONNREFUSED/],
  ])('that %s is said in words', async (_case, url, settings, state, error) => {
    const { requests, log } = await begin(await url(), settings);
    await expect.poll(() => requests.state()).toBe(state);
    const { meaning, fix } = redisFailures[state as RedisFailure];
    expect(log[0]).toEqual([meaning, { error: expect.stringMatching(error), fix: expect.stringContaining(fix) }]);
  });
});
