/** Faults of workers: killed, frozen, stopped, and two of them with one job. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census, tell } from './census.ts';
import { FaultFixture, scaled, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

/** Mails that a worker has in hand at the most: one for each connection of its pool. */
const inHand = 5;

/** At full size the waits are those of production. */
const timings = atFullSize ? {} : scaled;
const drained = atFullSize ? 240_000 : 45_000;

describe('kill -9', () => {
  it.each([
    { policy: 'resend', mails: atFullSize ? 5000 : 80, kills: atFullSize ? 20 : 2 },
    { policy: 'hold', mails: atFullSize ? 2000 : 80, kills: atFullSize ? 10 : 2 },
  ])('of workers at random, with $policy', { timeout: 600_000 }, async ({ policy, mails, kills }) => {
    // A rate, so that the mails last until the last kill.
    const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 60 : 40}/s` };
    const crew = await Promise.all([fixture.startWorker(env, timings), fixture.startWorker(env, timings)]);
    for (let first = 0; first < mails; first += 1000) {
      await fixture.post(signUps(Math.min(1000, mails - first), { onUncertain: policy }));
    }
    for (let kill = 1; kill <= kills; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 800));
      const victim = Math.floor(Math.random() * crew.length);
      await fixture.kill(crew[victim] as (typeof crew)[number]);
      crew[victim] = await fixture.startWorker(env, timings);
      tell(`kill -9: ${kill} of ${kills}, ${fixture.smtp.arrivals.size} arrivals`);
    }
    const { sent, failed, uncertain, doubled } = await census(fixture, `kill -9 a worker ${kills} times, ${policy}`, drained);
    expect(sent + uncertain + failed).toBe(mails);
    expect(failed).toBe(0);
    if (policy === 'hold') expect(doubled).toBe(0);
    else expect(uncertain).toBe(0);
    expect(doubled).toBeLessThanOrEqual(inHand * kills);
    expect(uncertain).toBeLessThanOrEqual(inHand * kills);
  });

  it('each time that a certain mail is taken: it fails after five runs, its neighbours are delivered', async () => {
    fixture.smtp.hangAt('RCPT', { address: 'reader-7@example.net' });
    const soon = { ...scaled, crashBackoff: 100 };
    await fixture.startWorker({}, soon);
    const ids = await fixture.post(signUps(20));
    const poison = ids[7] as string;
    for (let run = 1; run <= 5; run++) {
      await expect.poll(() => fixture.redis.cli('HGET', `{posthouse}:record:${poison}`, 'runs')).toBe(String(run));
      await fixture.kill(fixture.workers.at(-1) as (typeof fixture.workers)[number]);
      await fixture.startWorker({}, soon);
    }
    const { sent, failed, doubled } = await census(fixture, 'a job that kills its process');
    expect({ sent, failed }).toEqual({ sent: 19, failed: 1 });
    expect(doubled).toBeLessThanOrEqual(inHand * 5);
    expect(await fixture.record(poison)).toMatchObject({ attemptCount: 0, recipients: [{ state: 'refused', reason: 'no-verdict' }] });
  });
});

describe('a lock that is lost', () => {
  it('by a worker that was frozen before the gate: another delivers, and the first one lets go', async () => {
    fixture.smtp.trickleAt('RCPT', { gapMs: 40, times: 1 });
    const first = await fixture.startWorker();
    const [id = ''] = await fixture.post([signUp(1)]);
    await fixture.reaches(id, 'sending');
    first.kill('SIGSTOP');
    await fixture.startWorker();
    await fixture.reaches(id, 'sent');
    await goOn(first);
    const { records, doubled } = await census(fixture, 'worker frozen before the gate, longer than the lock');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  it('by a worker that was frozen behind the gate: its 250 counts when it comes, and nobody sends again', async () => {
    const patient = {
      ...scaled,
      smtp: { ...scaled.smtp, transaction: 15_000, socket: 15_000 },
      reply: { ...scaled.reply, unknown: 15_000 },
    };
    fixture.smtp.trickleAt('DOT', { gapMs: 40, times: 1 });
    const first = await fixture.startWorker({}, patient);
    const arrived = new Promise((resolve) => fixture.smtp.onMessage(resolve));
    await fixture.post([signUp(1)]);
    await arrived;
    first.kill('SIGSTOP');
    await fixture.startWorker({}, patient);
    // The second worker has taken the job, and has put it back until the reply can no longer be on its way.
    await expect.poll(() => fixture.redis.cli('ZCARD', '{posthouse}:mail:delayed')).toBe('1');
    await goOn(first);
    const { records, doubled } = await census(fixture, 'worker frozen behind the gate, longer than the lock');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  it('while the mail is in hand: of two workers with one job, one delivers', async () => {
    fixture.smtp.trickleAt('RCPT', { gapMs: 500, times: 1 });
    const first = await fixture.startWorker();
    const [id = ''] = await fixture.post([signUp(1)]);
    await fixture.reaches(id, 'sending');
    await fixture.startWorker();
    await fixture.redis.cli('DEL', `{posthouse}:mail:${id}:lock`);
    await fixture.reaches(id, 'sent');
    await goOn(first);
    const { records, doubled } = await census(fixture, 'two workers with one job');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  /** Whatever the worker still means to do with its mail, it has done once it has stopped. */
  async function goOn(worker: (typeof fixture.workers)[number]): Promise<void> {
    worker.kill('SIGCONT');
    await worker.stop();
    expect(await worker.exit).toMatchObject({ code: 0 });
  }
});

describe('SIGTERM', () => {
  it('during delivery: takes no new jobs, finishes what it has in hand, exits 0', async () => {
    const mails = atFullSize ? 1000 : 200;
    const worker = await fixture.startWorker();
    const flowing = new Promise((resolve) => fixture.smtp.onMessage(resolve));
    await fixture.post(signUps(mails));
    await flowing;
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    const states = await Promise.all(fixture.acknowledged.map(async (id) => (await fixture.record(id))?.state));
    expect(states).not.toContain('sending');
    expect(states.filter((state) => state === 'sent')).toHaveLength(fixture.smtp.arrivals.size);
    expect(fixture.smtp.arrivals.size).toBeLessThan(mails);
    await fixture.startWorker();
    expect(await census(fixture, 'SIGTERM during delivery')).toMatchObject({ sent: mails, doubled: 0 });
  });
});
