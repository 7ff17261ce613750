/** Faults of Redis: killed, full, frozen. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smtpTimings } from '../smtp-timings.ts';
import { atFullSize, census } from './census.ts';
import { FaultFixture, scaled, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.close());

const post = () => fixture.run('/v1/mails', signUp(0));

/** One request, and how long its response took. */
async function timed(): Promise<{ status: number; ms: number }> {
  const sentAt = Date.now();
  const { status } = await post();
  return { status, ms: Date.now() - sentAt };
}

describe('Redis', () => {
  it('killed while mails are sent: 503 within a second while it is down, and nothing is lost', { timeout: 300_000 }, async () => {
    const mails = atFullSize ? 3000 : 200;
    const down = atFullSize ? 12_000 : 1500;
    const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 100 : 50}/s` };
    const timings = atFullSize ? {} : scaled;
    await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
    for (let first = 0; first < mails; first += 1000) await fixture.post(signUps(Math.min(1000, mails - first)));
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(mails / 4);

    await fixture.redis.kill('SIGKILL');
    const killed = Date.now();
    const answers = [await timed(), await timed(), await timed()];
    for (const { status, ms } of answers) expect({ status, inTime: ms < 1000 }).toEqual({ status: 503, inTime: true });
    await new Promise((resolve) => setTimeout(resolve, killed + down - Date.now()));
    const before = fixture.smtp.arrivals.size;
    await fixture.redis.start();
    await expect.poll(() => fixture.smtp.arrivals.size, { timeout: 30_000 }).toBeGreaterThan(before + 20);

    const { sent, doubled, records } = await census(fixture, `Redis killed, ${down / 1000} s down`, 180_000);
    expect(sent).toBe(mails);
    expect(doubled).toBeLessThanOrEqual(10);
    const attempts = records.reduce((sum, { attemptCount }) => sum + attemptCount, 0);
    expect(attempts, 'attempts that were real').toBeLessThanOrEqual(mails + 10);
  });

  it('full: 503, nothing new is sent, and what was sent is recorded as soon as there is memory', async () => {
    const slow = { ...scaled, smtp: smtpTimings(20_000), reply: { ...scaled.reply, unknown: 20_000 } };
    fixture.smtp.trickleAt('DOT', { gapMs: 25, times: 5 });
    // Five mails have a connection, five more wait for one.
    await fixture.startWorker({ WORKER_CONCURRENCY: '10' }, slow);
    const ids = await fixture.post(signUps(100));
    await expect.poll(() => fixture.smtp.arrivals.size).toBe(5);
    await fixture.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');

    expect(await timed()).toMatchObject({ status: 503 });
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
    await Promise.all([fixture.startWorker(env), fixture.startWorker(env)]);
    await fixture.post(signUps(mails, { onUncertain: 'hold' }));
    await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThan(20);
    await fixture.redis.kill('SIGSTOP');
    expect(await timed()).toMatchObject({ status: 503 });
    await new Promise((resolve) => setTimeout(resolve, scaled.queue.lock * 1.5));
    await fixture.redis.kill('SIGCONT');
    const { sent, uncertain, doubled } = await census(fixture, 'Redis frozen, longer than the lock', 120_000);
    expect({ doubled, uncertain, sent }).toEqual({ doubled: 0, uncertain: 0, sent: mails });
  });
});
