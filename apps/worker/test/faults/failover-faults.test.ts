/** Redis that answers and refuses: failovers in which the connections to the former primary stay alive, and a Redis that is read-only for a while. */
import { freePort } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture('replicated');
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

const mails = atFullSize ? 3000 : 100;
/** ms that the endpoint goes on leading to the former primary. */
const lag = atFullSize ? 5000 : 1000;

/** The sweeper helps no mail: its job has to come when it is due. */
const timings = { ...scaled, sweep: { ...scaled.sweep, overdue: 300_000 } };

/** Sends one mail. @returns the status */
async function post(): Promise<number> {
  const { status, body } = await fixture.run('/v1/mails', signUp(0));
  if (status === 202) fixture.acknowledged.push((body as { id: string }).id);
  return status;
}

async function startSending(): Promise<void> {
  const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 100 : 50}/s` };
  await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
  for (let first = 0; first < mails; first += 1000) await fixture.post(signUps(Math.min(1000, mails - first)));
  await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(mails / 10);
}

/** Mails that become due during the outage and after it. @returns their ids, and when each is due */
async function schedule(): Promise<Map<string, number>> {
  const dueTimes = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => Date.now() + 1000 + (n * lag) / 2);
  const ids = await fixture.post(
    dueTimes.map((at, n) => signUp(10_000 + n, { scheduledAt: new Date(at).toISOString(), priority: 'high' })),
  );
  return new Map(ids.map((id, n) => [id, dueTimes[n] as number]));
}

async function expectOnTime(due: Map<string, number>): Promise<void> {
  for (const [id, at] of due) {
    const sentAt = (await fixture.record(id))?.endedAt ?? 0;
    expect(sentAt, 'not too early').toBeGreaterThanOrEqual(at);
  }
  expect(fixture.logs, 'its job came when it was due').not.toContain('orphaned mail');
}

async function expectNothingLostOrDoubled(fault: string): Promise<void> {
  const { sent, doubled, lost, records } = await census(fixture, fault, 180_000);
  expect({ sent, doubled, lost }).toEqual({ sent: fixture.acknowledged.length, doubled: 0, lost: 0 });
  for (const { attemptCount } of records) expect(attemptCount).toBe(1);
}

describe('Redis', () => {
  it('fails over while mails are sent: 202 again at once, scheduled mails on time', { timeout: 300_000 }, async () => {
    await startSending();
    const due = await schedule();
    await fixture.replicatedRedis.failOver();
    await expect.poll(async () => await post()).toBe(202);
    await expectNothingLostOrDoubled('Redis fails over, old connections stay alive');
    await expectOnTime(due);
  });

  it('fails over, and the endpoint moves later: 503 and not ready, then 202', { timeout: 300_000 }, async () => {
    await startSending();
    const due = await schedule();
    await fixture.replicatedRedis.failOver({ moveEndpoint: false });
    const until = performance.now() + lag;
    do expect(await post()).toBe(503);
    while (performance.now() < until);
    expect(await fixture.readiness()).toMatchObject({ status: 503, body: { status: 'unavailable', redis: 'read-only' } });
    fixture.replicatedRedis.moveEndpoint();
    await expect.poll(async () => await post()).toBe(202);
    await expectNothingLostOrDoubled(`Redis fails over, endpoint moves ${lag / 1000} s later`);
    await expectOnTime(due);
    expect(await fixture.readiness()).toEqual({ status: 200, body: { status: 'ok', redis: 'ok', templateSet: 'ok' } });
  });

  it('is read-only for a while: 503 and not ready, then 202', { timeout: 300_000 }, async () => {
    await startSending();
    await fixture.redis.cli('REPLICAOF', '127.0.0.1', String(await freePort()));
    const until = performance.now() + lag;
    do expect(await post()).toBe(503);
    while (performance.now() < until);
    expect(await fixture.readiness()).toMatchObject({ status: 503, body: { status: 'unavailable', redis: 'read-only' } });
    await fixture.redis.cli('REPLICAOF', 'NO', 'ONE');
    await expect.poll(async () => await post()).toBe(202);
    await expectNothingLostOrDoubled(`Redis read-only for ${lag / 1000} s`);
  });
});
