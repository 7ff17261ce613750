import { TcpProxy } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobsInProgress } from '../src/jobs-in-progress.ts';
import { envelope, quick, WorkerFixture } from './worker-fixture.ts';

describe('JobsInProgress', () => {
  it.each([
    ['each connection has been left without a mail', { limit: 2, used: 1, waiting: 0 }, true, 5],
    ['the same, with few mails in progress', { limit: 2, used: 1, waiting: 0 }, false, 4],
    ['a mail waits for its slot in the sending rate', { limit: 2, used: 1, waiting: 1 }, true, 4],
    ['every connection is in use', { limit: 2, used: 2, waiting: 0 }, true, 4],
    ['several mails wait for each connection', { limit: 2, used: 2, waiting: 5 }, true, 2],
  ])('fits the mails in progress: %s', (_when, load, isBusy, fitted) => {
    const consumer = { concurrency: 2, isBusy };
    const jobs = new JobsInProgress(consumer, 6);
    consumer.concurrency = 4;
    for (let n = 0; n < 2; n++) jobs.delivered(load);
    expect(consumer.concurrency).toBe(fitted);
  });

  it('stays between the least and the most', () => {
    const consumer = { concurrency: 2, isBusy: true };
    const jobs = new JobsInProgress(consumer, 3);
    for (let n = 0; n < 9; n++) jobs.delivered({ limit: 2, used: 1, waiting: 0 });
    expect(consumer.concurrency).toBe(3);
    for (let n = 0; n < 3; n++) jobs.delivered({ limit: 2, used: 2, waiting: 9 });
    expect(consumer.concurrency).toBe(2);
  });
});

describe('a worker whose Redis is slow', () => {
  const fixture = new WorkerFixture();
  beforeAll(() => fixture.open());
  afterAll(() => fixture.close());
  beforeEach(() => fixture.start());
  afterEach(() => fixture.stop());

  it('has more mails in progress, and sends each of them once', async () => {
    const proxy = new TcpProxy(fixture.redis.port);
    await proxy.start();
    const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, SMTP_URL: `${fixture.smtp.url}?pool=2` };
    await fixture.startWorker(env, { ...quick, heartbeat: { intervalMs: 50 } });
    await expect.poll(() => fixture.overview.workers()).toMatchObject([{ concurrency: 4 }]);
    // More than the server takes for a mail: most of the time no mail is at a connection.
    proxy.delay(100);
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => fixture.accept({ envelope: envelope([`n${n}@example.org`]) })));
    await expect.poll(async () => (await fixture.overview.workers())[0]?.concurrency).toBeGreaterThan(4);
    for (const id of ids) await fixture.reaches(id, 'sent');
    expect([...fixture.smtp.arrivals.values()]).toEqual(ids.map(() => 1));
    await fixture.stopLastWorker();
    await proxy.stop();
  });
});
