/** A server of a Redis Cluster of three is killed: the one that has the mails, and one that has none of them. */
import { RedisCluster } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture('cluster');
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

it('a server of a Cluster killed: 503 while it is down, and nothing is lost', { timeout: 300_000 }, async () => {
  const mails = atFullSize ? 3000 : 100;
  const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 100 : 30}/s` };
  const timings = atFullSize ? {} : scaled;
  await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
  for (let n = 0; n < 5; n++) await fixture.post(signUps(mails / 10));
  await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(mails / 10);
  const owner = fixture.redis;
  const cluster = fixture.serversAs(RedisCluster);
  const other = cluster.servers.find((server) => server !== owner) as typeof owner;
  for (const [killed, state] of [
    [owner, 'unreachable'],
    [other, 'slot-not-served'],
  ] as const) {
    await killed.kill('SIGKILL');
    await expect.poll(() => fixture.readiness()).toMatchObject({ status: 503, body: { redis: state } });
    await killed.start();
    await cluster.whenOk();
  }
  for (let n = 0; n < 5; n++) await fixture.post(signUps(mails / 10));
  const { sent, doubled } = await census(fixture, 'servers of a Redis Cluster killed, one after the other', 180_000);
  expect(sent).toBe(mails);
  expect(doubled).toBeLessThanOrEqual(20);
});
