/** The master of a Redis with Sentinels is killed, and each acknowledgement has waited for all replicas. */
import { SentinelRedis } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture('sentinel');
beforeAll(() => fixture.start());
afterAll(() => fixture.close());

it('master killed: the Sentinels replace it, and nothing that was acknowledged is lost', { timeout: 300_000 }, async () => {
  const redis = fixture.serversAs(SentinelRedis);
  const mails = atFullSize ? 3000 : 100;
  const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 100 : 30}/s` };
  const timings = atFullSize ? {} : scaled;
  await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
  const part = mails / 10;
  for (let n = 0; n < 5; n++) await fixture.post(signUps(part));
  await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(mails / 10);

  // Requests come in all the while; each is repeated under its key until it is answered with 202.
  const posting = Promise.all(Array.from({ length: 5 }, () => fixture.post(signUps(part))));
  const former = redis.primary;
  const killedAt = performance.now();
  await former.kill('SIGKILL');
  await redis.whenReplaced();
  // Without its replica the new master acknowledges nothing.
  expect(await fixture.readiness()).toMatchObject({ status: 503 });
  const before = fixture.smtp.arrivals.size;
  await redis.startAsReplica(former);
  await posting;
  await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(before);
  const again = Math.round((performance.now() - killedAt) / 100) / 10;

  const { sent, doubled } = await census(fixture, `master killed, replaced by Sentinels, sending again after ${again} s`, 180_000);
  expect(sent).toBe(mails);
  expect(doubled).toBeLessThanOrEqual(20);
});
