/** Faults of workers: killed, frozen, stopped, and two of them with one job. */
import type { AppProcess } from '@posthouse/devkit';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atFullSize, census, showProgress } from './census.ts';
import { FaultFixture, scaled, shortLeases, signUp, signUps } from './fault-fixture.ts';

const fixture = new FaultFixture();
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());
afterAll(() => fixture.close());

/** Most mails in progress in one worker: one for each connection of its pool. */
const inProgress = 10;

/** At full size the timings are those of production. */
const timings = atFullSize ? {} : shortLeases;
const drained = atFullSize ? 240_000 : 120_000;

describe('kill -9', () => {
  it.each([
    { policy: 'resend', mails: atFullSize ? 5000 : 80, kills: atFullSize ? 20 : 2 },
    { policy: 'hold', mails: atFullSize ? 2000 : 80, kills: atFullSize ? 10 : 2 },
  ])('of workers at random, with $policy', { timeout: 600_000 }, async ({ policy, mails, kills }) => {
    // A rate, so that mails are left until the last kill.
    const env = { SMTP_URL: `${fixture.smtp.url}?rate=${atFullSize ? 60 : 40}/s` };
    const crew = await Promise.all([fixture.startProcess(env, timings), fixture.startProcess(env, timings)]);
    for (let first = 0; first < mails; first += 1000) {
      await fixture.post(signUps(Math.min(1000, mails - first), { onUncertain: policy }));
    }
    for (let kill = 1; kill <= kills; kill++) {
      // After some more mails; those that a kill cuts off may not arrive.
      const next = Math.min(fixture.smtp.arrivals.size + Math.floor(Math.random() * 30), mails - inProgress * kills);
      await expect.poll(() => fixture.smtp.arrivals.size).toBeGreaterThanOrEqual(next);
      const victim = Math.floor(Math.random() * crew.length);
      await fixture.kill(crew[victim] as (typeof crew)[number]);
      crew[victim] = await fixture.startProcess(env, timings);
      showProgress(`kill -9: ${kill} of ${kills}, ${fixture.smtp.arrivals.size} arrivals`);
    }
    const { sent, failed, uncertain, doubled } = await census(fixture, `kill -9 a worker ${kills} times, ${policy}`, drained);
    expect(sent + uncertain + failed).toBe(mails);
    expect(failed).toBe(0);
    if (policy === 'hold') expect(doubled).toBe(0);
    else expect(uncertain).toBe(0);
    expect(doubled).toBeLessThanOrEqual(inProgress * kills);
    expect(uncertain).toBeLessThanOrEqual(inProgress * kills);
  });

  it('of the worker at each run of one mail: it fails after five runs, the others are delivered', async () => {
    fixture.smtp.hangAt('RCPT', { address: 'reader-7@example.net' });
    const soon = { ...shortLeases, crashBackoff: 100 };
    await fixture.startProcess({}, soon);
    const ids = await fixture.post(signUps(20));
    const poison = ids[7] as string;
    for (let run = 1; run <= 5; run++) {
      await expect.poll(() => fixture.redis.cli('HGET', `{posthouse}:record:${poison}`, 'runs')).toBe(String(run));
      // A mail that is in progress at each of the kills would fail like this one.
      await expect.poll(() => fixture.redis.cli('ZCARD', '{posthouse}:unfinished')).toBe('1');
      await fixture.kill(fixture.workers.at(-1) as AppProcess);
      await fixture.startProcess({}, soon);
    }
    const { sent, failed, doubled } = await census(fixture, 'a job that kills its process');
    expect({ sent, failed, doubled }).toEqual({ sent: 19, failed: 1, doubled: 0 });
    expect(await fixture.record(poison)).toMatchObject({ attemptCount: 0, recipients: [{ state: 'rejected', reason: 'no-verdict' }] });
  });
});

describe('a lost lease', () => {
  it('of a worker frozen before the gate: another delivers, and the first one sends nothing', async () => {
    const release = fixture.smtp.holdAt('RCPT', { times: 1 });
    const first = await fixture.startProcess({}, shortLeases);
    const [id = ''] = await fixture.post([signUp(1)]);
    await expect.poll(() => fixture.smtp.withheldReplies).toBe(1);
    first.kill('SIGSTOP');
    const second = await fixture.startProcess({}, shortLeases);
    await fixture.reaches(id, 'sent');
    release();
    await resume(first);
    expect(finishedAttempts(second)).toMatchObject([{ id, result: 'changed', state: 'sent' }]);
    expect(finishedAttempts(first)).toMatchObject([{ id, result: 'superseded' }]);
    expect(finishedAttempts(first)[0]).not.toHaveProperty('state');
    const { records, doubled } = await census(fixture, 'worker frozen before the gate, longer than the lock');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  it('of a worker frozen after the gate: its 250 counts when it comes, and the mail is not sent again', async () => {
    const patient = { ...shortLeases, reply: { ...shortLeases.reply, unknown: 60_000 } };
    const release = fixture.smtp.holdAt('DOT', { times: 1 });
    const first = await fixture.startProcess({}, patient);
    await fixture.post([signUp(1)]);
    await expect.poll(() => fixture.smtp.withheldReplies).toBe(1);
    first.kill('SIGSTOP');
    await fixture.startProcess({}, patient);
    // The second worker has taken the job and put it back until the reply can no longer be on its way.
    await expect.poll(() => fixture.redis.cli('ZCARD', '{posthouse}:mail:delayed')).toBe('1');
    release();
    await resume(first);
    const { records, doubled } = await census(fixture, 'worker frozen after the gate, longer than the lock');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  it('during a delivery: of two workers with one job, one delivers', async () => {
    const release = fixture.smtp.holdAt('RCPT', { times: 1 });
    const first = await fixture.startProcess({}, shortLeases);
    const [id = ''] = await fixture.post([signUp(1)]);
    await expect.poll(() => fixture.smtp.withheldReplies).toBe(1);
    await fixture.startProcess({}, shortLeases);
    await fixture.redis.cli('DEL', `{posthouse}:mail:${id}:lock`);
    await fixture.reaches(id, 'sent');
    release();
    await resume(first);
    const { records, doubled } = await census(fixture, 'two workers with one job');
    expect(doubled).toBe(0);
    expect(records).toMatchObject([{ state: 'sent', attemptCount: 1 }]);
  });

  /** Resumes a frozen worker and stops it, so that it has finished with its mail. */
  async function resume(worker: AppProcess): Promise<void> {
    worker.kill('SIGCONT');
    await worker.stop();
    expect(await worker.exit).toMatchObject({ code: 0 });
  }

  /** What a worker logged about each attempt. */
  function finishedAttempts({ output }: AppProcess): unknown[] {
    return output.filter((line) => line.includes('delivery attempt finished')).map((line) => JSON.parse(line));
  }
});

describe('SIGTERM', () => {
  it('during delivery: takes no new jobs, finishes the messages in progress, exits 0', async () => {
    const mails = atFullSize ? 1000 : 200;
    const worker = await fixture.startProcess();
    const flowing = new Promise((resolve) => fixture.smtp.onMessage(resolve));
    await fixture.post(signUps(mails));
    await flowing;
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    const states = await Promise.all(fixture.acknowledged.map(async (id) => (await fixture.record(id))?.state));
    expect(states).not.toContain('sending');
    expect(states.filter((state) => state === 'sent')).toHaveLength(fixture.smtp.arrivals.size);
    expect(fixture.smtp.arrivals.size).toBeLessThan(mails);
    await fixture.startProcess();
    expect(await census(fixture, 'SIGTERM during delivery')).toMatchObject({ sent: mails, doubled: 0 });
  });
});

describe('a rolling restart', () => {
  it('of three workers, one after another: no mail is lost, doubled or failed', { timeout: 600_000 }, async () => {
    const mails = atFullSize ? 3000 : 300;
    // So that each worker has messages in progress when it is stopped.
    fixture.smtp.delayAt('DOT', { delayMs: 100 });
    const start = () => fixture.startProcess({}, atFullSize ? {} : scaled);
    const crew = [await start(), await start(), await start()];
    for (const old of crew) {
      const flowing = new Promise((resolve) => fixture.smtp.onMessage(resolve));
      const before = fixture.acknowledged.length;
      await fixture.post(Array.from({ length: mails / crew.length }, (_, number) => signUp(before + number)));
      await flowing;
      old.kill('SIGTERM');
      expect(await old.exit).toMatchObject({ code: 0 });
      await start();
      showProgress(`rolling restart: ${fixture.smtp.arrivals.size} of ${mails} arrived`);
    }
    const counted = await census(fixture, 'three workers restarted one after another', drained);
    expect(counted).toMatchObject({ sent: mails, failed: 0, uncertain: 0, doubled: 0 });
    // Nothing was tried twice, either: an attempt that the stop cut off would be counted.
    expect(new Set(counted.records.map(({ attemptCount }) => attemptCount))).toEqual(new Set([1]));
  });
});
