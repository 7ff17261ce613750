/** What a worker does when something on its own machine is wrong: other workers go on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { quick, WorkerFixture } from './worker-fixture.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

describe('a worker', () => {
  it('that alone cannot look up the relay leaves mail to the others until it can; without others the queue waits', async () => {
    const preload = new URL('broken-look-up.mjs', import.meta.url).href;
    const timings = { ...quick, heartbeat: { intervalMs: 100, gone: 5000 } };
    const worker = await fixture.startProcess({ NODE_OPTIONS: `--import ${preload}` }, timings);
    const logs = () => worker.output.join('\n');
    expect(logs()).toMatch(/EAI_AGAIN.*provider check failed/);
    const ids = await Promise.all(Array.from({ length: 10 }, () => fixture.accept()));
    await expect.poll(logs).toMatch(/"affects":"this worker".*circuit opened/);
    await expect.poll(logs).toContain('all circuits open: consumer paused');
    const provider = async () => (await fixture.overview.providers())[0];
    await expect.poll(provider).toMatchObject({ circuit: 'open', reason: 'EAI_AGAIN' });
    const delivered = async () => (await Promise.all(ids.map((id) => fixture.queue.read(id)))).filter((mail) => mail?.state === 'sent');
    expect(await delivered()).toEqual([]);

    await fixture.startWorker({}, timings);
    for (const id of ids) expect(await fixture.reaches(id, 'sent')).toMatchObject({ attemptCount: 1 });
    expect(await provider()).toMatchObject({ circuit: 'closed' });
    const failures = async () => (await fixture.overview.workers()).map(({ providers: [one] }) => one?.localFailure);
    await expect.poll(failures).toEqual(['EAI_AGAIN', undefined]);
    expect(await fixture.redis.cli('KEYS', '*:circuit:*')).toBe('');

    await fixture.stopLastWorker();
    worker.kill('SIGUSR2');
    await expect.poll(logs).toMatch(/"affects":"this worker".*circuit closed/);
    await fixture.reaches(await fixture.accept(), 'sent');
    await expect.poll(failures).toEqual([undefined]);
  });

  it('without the certificate authority of the relay stops no other worker', async () => {
    const first = await fixture.startWorker({ SMTP_CA_FILE: undefined });
    await expect.poll(() => first.output.join('\n')).toContain('all circuits open: consumer paused');
    await fixture.startWorker();
    expect(await fixture.reaches(await fixture.accept(), 'sent')).toMatchObject({ attemptCount: 1, deferralCount: 0 });
  });

  it('takes no mail while its clock is wrong, says so, and does automatically once it is right', async () => {
    const preload = new URL('wrong-clock.mjs', import.meta.url).href;
    const worker = await fixture.startProcess(
      { NODE_OPTIONS: `--import ${preload}` },
      { ...quick, heartbeat: { intervalMs: 100, gone: 5000 } },
    );
    const scheduledAt = Date.now() + 1_800_000;
    const [due, scheduled] = [await fixture.accept(), await fixture.accept({ scheduledAt })];
    await expect.poll(() => worker.output.join('\n')).toMatch(/"skewMs":3[56]\d{5}.*clock wrong: no mail is taken/);
    const listed = async () => (await fixture.overview.workers())[0]?.clockSkewMs;
    await expect.poll(listed).toSatisfy((skewMs?: number) => skewMs !== undefined && Math.abs(skewMs - 3_600_000) < 5000);
    expect(await fixture.queue.read(due)).toMatchObject({ state: 'queued' });
    // Another worker is not held up.
    await fixture.startWorker();
    await fixture.reaches(due, 'sent');
    await fixture.stopLastWorker();
    const later = await fixture.accept();
    const seenAt = async () => (await fixture.overview.workers())[0]?.seenAt ?? 0;
    const accepted = await seenAt();
    await expect.poll(seenAt).toBeGreaterThan(accepted + 300);
    expect(await fixture.queue.read(later)).toMatchObject({ state: 'queued' });
    worker.kill('SIGUSR2');
    await fixture.reaches(later, 'sent');
    await expect.poll(listed).toBeUndefined();
    expect(await fixture.queue.read(scheduled)).toMatchObject({ state: 'scheduled', nextAttemptAt: scheduledAt });
    expect(worker.output.join('\n')).toContain('clock right again: mail is taken');
  });
});
