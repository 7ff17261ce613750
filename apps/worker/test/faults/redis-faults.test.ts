/** Faults of Redis: killed, full, frozen. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, shortLeases, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

const post = () => fixture.run('/v1/mails', signUp(0));

describe('Redis', () => {
  it('killed while mails are sent: 503 while it is down, and nothing is lost', { timeout: 300_000 }, async () => {
    const mails = atFullSize ? 3000 : 200;
    const down = atFullSize ? 12_000 : 1500;
    const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 100 : 50}/s` };
    const timings = atFullSize ? {} : scaled;
    await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
    for (let first = 0; first < mails; first += 1000) await fixture.post(signUps(Math.min(1000, mails - first)));
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(mails / 4);

    await fixture.redis.kill('SIGKILL');
    const restarted = performance.now() + down;
    do expect(await post()).toMatchObject({ status: 503 });
    while (performance.now() < restarted);
    const before = fixture.smtp.arrivals.size;
    await fixture.redis.start();
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(before + 20);

    const { sent, doubled, records } = await census(fixture, `Redis killed, ${down / 1000} s down`, 180_000);
    expect(sent).toBe(mails);
    expect(doubled).toBeLessThanOrEqual(10);
    const attempts = records.reduce((sum, { attemptCount }) => sum + attemptCount, 0);
    expect(attempts, 'attempts that were real').toBeLessThanOrEqual(mails + 10);
  });

  it('full: 503, nothing new is sent, and what was sent is recorded as soon as there is memory', async () => {
    const release = fixture.smtp.holdAt('DOT', { times: 5 });
    // Five mails have a connection, five more wait for one.
    const env = { SMTP_URL: `${fixture.smtp.url}?pool=5`, WORKER_CONCURRENCY: '10' };
    await fixture.startWorker(env, { ...scaled, reply: { ...scaled.reply, unknown: 60_000 } });
    const ids = await fixture.post(signUps(100));
    await expect.poll(() => fixture.smtp.arrivals.size).toBe(5);
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');

    expect(await post()).toMatchObject({ status: 503 });
    release();
    // Five have got their 250, five were denied at the gate, and Redis stores none of it.
    await expect.poll(() => new Set(fixture.logs.match(/[0-9a-f-]{36}(?=".*mail outcome not stored yet)/g)).size).toBe(10);
    expect(fixture.smtp.arrivals.size).toBe(5);
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory', '0');

    const { sent, doubled, records } = await census(fixture, 'Redis full');
    expect({ sent, doubled }).toEqual({ sent: ids.length, doubled: 0 });
    for (const { attemptCount } of records) expect(attemptCount).toBe(1);
  });

  it('frozen for longer than the lock: each mail arrives once', async () => {
    const mails = atFullSize ? 1000 : 150;
    const env = { SMTP_URL: `${fixture.smtp.url}?rate=50/s` };
    await Promise.all([fixture.startWorker(env, shortLeases), fixture.startWorker(env, shortLeases)]);
    await fixture.post(signUps(mails, { onUncertain: 'hold' }));
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(20);
    await fixture.redis.kill('SIGSTOP');
    expect(await post()).toMatchObject({ status: 503 });
    await new Promise((resolve) => setTimeout(resolve, shortLeases.queue.lock * 1.5));
    await fixture.redis.kill('SIGCONT');
    const { sent, uncertain, doubled } = await census(fixture, 'Redis frozen, longer than the lock', 120_000);
    expect({ doubled, uncertain, sent }).toEqual({ doubled: 0, uncertain: 0, sent: mails });
  });
});
