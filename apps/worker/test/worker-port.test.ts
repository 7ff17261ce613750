/** The worker's HTTP port: metrics, probes, and what KEDA scales by, with real workers, Redis and SMTP server. */
import { limits } from '@posthouse/contract';
import { type AppProcess, parseMetrics, type Samples } from '@posthouse/devkit';
import { newMailId, newRecord, QueueMeter, scaleOf } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Liveness } from '../src/liveness.ts';
import { reasonLabel } from '../src/metrics.ts';
import { envelope, WorkerFixture } from './worker-fixture.ts';
import type { RunningWorker } from './worker-in-process.ts';

const fixture = new WorkerFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(async () => {
  await fixture.redis.kill('SIGCONT');
  await fixture.stop();
});

const withPort = { WORKER_PORT: '0' };
const urlOf = (worker: Pick<AppProcess, 'output'>) => /http:\/\/127\.0\.0\.1:\d+/.exec(worker.output.join('\n'))?.[0] as string;

async function get(worker: AppProcess, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(urlOf(worker) + path);
  return { status: response.status, body: await response.json() };
}

async function scrape(worker: AppProcess): Promise<Samples> {
  const response = await fetch(`${urlOf(worker)}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return parseMetrics(await response.text());
}

const mailTo = (name: string) => ({ envelope: envelope([`${name}@example.net`]) });

describe('/metrics', () => {
  it('counts what the SMTP server got, and answers while Redis is down and while the worker stops', async () => {
    const { smtp } = fixture;
    const worker = await fixture.startProcess({ ...withPort, SMTP_URL: `${smtp.url}?name=ses` });
    smtp.replyTo('RCPT', { address: 'gone@example.net', reply: '550 5.1.1 No such user' });
    smtp.replyTo('RCPT', { address: 'later@example.net', reply: '451 4.7.1 Greylisted', times: 1 });
    await smtp.stop();
    const deferred = await fixture.accept(mailTo('ben'));
    await expect.poll(async () => (await fixture.queue.read(deferred))?.deferralCount).toBeGreaterThan(0);
    await smtp.start();
    const { deferralCount } = await fixture.reaches(deferred, 'sent');
    const sent = await Promise.all(['anne', 'later'].map((name) => fixture.accept(mailTo(name))));
    const failed = await fixture.accept(mailTo('gone'));
    for (const id of sent) await fixture.reaches(id, 'sent');
    await fixture.reaches(failed, 'failed');

    await expect
      .poll(async () => Object.fromEntries([...(await scrape(worker))].filter(([name]) => /^posthouse_(del|rec|mails_ended)/.test(name))))
      .toEqual({
        'posthouse_delivery_attempts_total{provider="ses",verdict="ACCEPT"}': smtp.messages.length,
        'posthouse_delivery_attempts_total{provider="ses",verdict="FAIL"}': 1,
        'posthouse_delivery_attempts_total{provider="ses",verdict="RETRY"}': 1,
        'posthouse_recipients_total{provider="ses",verdict="ACCEPT"}': smtp.messages.length,
        'posthouse_recipients_total{provider="ses",verdict="FAIL"}': 1,
        'posthouse_recipients_total{provider="ses",verdict="RETRY"}': 1,
        'posthouse_mails_ended_total{state="sent",template="signup"}': smtp.messages.length,
        'posthouse_mails_ended_total{state="failed",template="signup"}': 1,
        // Counted from 0, so that the first failures are an increase.
        'posthouse_mails_ended_total{state="expired",template="signup"}': 0,
        'posthouse_mails_ended_total{state="sent",template="literal"}': 0,
        'posthouse_mails_ended_total{state="failed",template="literal"}': 0,
        'posthouse_mails_ended_total{state="expired",template="literal"}': 0,
      });
    const samples = await scrape(worker);
    expect(smtp.messages).toHaveLength(3);
    const deferrals = [...samples].filter(([name]) => name.startsWith('posthouse_deferrals_total'));
    expect(deferrals.reduce((sum, [, count]) => sum + count, 0)).toBe(deferralCount);
    for (const [name, value] of [
      ['posthouse_due_to_relay_seconds_count{provider="ses",priority="normal"}', 3],
      ['posthouse_mails{state="sent"}', 3],
      ['posthouse_mails{state="failed"}', 1],
      ['posthouse_mails_due{priority="normal"}', 0],
      ['posthouse_workers', 1],
      ['posthouse_circuit_open{provider="ses"}', 0],
      ['posthouse_redis_up', 1],
      ['posthouse_redis_risk{risk="evicts"}', 0],
    ] as const)
      expect([name, samples.get(name)]).toEqual([name, value]);
    expect(samples.get('posthouse_smtp_step_seconds_count{provider="ses",step="dot"}')).toBeGreaterThanOrEqual(3);
    expect([...samples.keys()]).toContainEqual(expect.stringMatching(/^posthouse_build_info\{app="worker",version="[\d.]+",node="v/));
    expect(samples.has('nodejs_eventloop_lag_seconds')).toBe(true);

    await fixture.redis.kill('SIGSTOP');
    // What was read within the last second is still current.
    await expect.poll(async () => (await scrape(worker)).get('posthouse_redis_up')).toBe(0);
    const withoutRedis = await scrape(worker);
    expect([...withoutRedis.keys()].filter((name) => /^posthouse_(mails\{|mails_due|workers|oldest|circuit)/.test(name))).toEqual([]);
    expect(withoutRedis.get('posthouse_mails_ended_total{state="failed",template="signup"}')).toBe(1);
    expect(await get(worker, '/readyz')).toMatchObject({ status: 503, body: { redis: 'unreachable' } });
    expect(await get(worker, '/scale')).toMatchObject({ status: 503 });
    expect(await get(worker, '/livez')).toMatchObject({ status: 200 });
    await fixture.redis.kill('SIGCONT');
    await expect.poll(async () => (await get(worker, '/readyz')).body).toMatchObject({ status: 'ok', templates: 1 });

    smtp.hangAt('DOT', { address: 'held@example.net' });
    await fixture.accept(mailTo('held'));
    await expect.poll(() => smtp.withheldReplies).toBe(1);
    worker.kill('SIGTERM');
    expect((await scrape(worker)).get('posthouse_worker_mails_in_progress')).toBe(1);
    smtp.killConnections();
    expect(await worker.exit).toMatchObject({ code: 0 });
  });

  it('has few labels, whatever a relay replies', () => {
    expect(['EAUTH', 'ERR_SSL_WRONG_VERSION_NUMBER', '451 4.7.1', '450', '999', 'whatever'].map(reasonLabel)).toEqual([
      'EAUTH',
      'ERR_SSL_',
      '451',
      '450',
      'other',
      'other',
    ]);
  });
});

it('a port that is in use ends the start of a second worker with the name of the variable', async () => {
  const port = new URL(urlOf(await fixture.startWorker(withPort))).port;
  await expect(fixture.startWorker({ WORKER_PORT: port })).rejects.toThrow(
    `worker port cannot listen on 127.0.0.1:${port}: another process uses this port. Set WORKER_PORT to a free one.`,
  );
});

describe('a worker is live', () => {
  const { liveness: max } = { liveness: 30_000 };
  const ago = (ms: number) => performance.now() - ms;
  const idle = (idleSince: number | undefined) => ({ name: 'mail consumer', idleSince });

  it('while its loops and leases run, and while Redis, without which they cannot, is down', async () => {
    const [meter, late] = [new QueueMeter(fixture.connection), { name: 'pause monitor', ranAt: ago(max + 1000) }];
    const stalled = (liveness: Liveness) => liveness.stalled(fixture.connection, idle(undefined), meter);
    expect(await stalled(new Liveness([{ ...late, ranAt: ago(0) }], max))).toEqual([]);
    const liveness = new Liveness([late, { ...late, name: 'sweeper', ranAt: ago(0) }], max);
    expect(await stalled(liveness)).toEqual([{ part: 'pause monitor', seconds: expect.any(Number) }]);
    await fixture.redis.stop();
    expect(await stalled(liveness)).toEqual([]);
    await fixture.redis.start();
    await expect.poll(() => fixture.connection.isReady()).toBe(true);
    // It has as long again to run.
    expect(await stalled(liveness)).toEqual([]);
  });

  it('unless mails are due for that long and it takes none', async () => {
    const meter = new QueueMeter(fixture.connection);
    const stalled = () => new Liveness([], max).stalled(fixture.connection, idle(ago(max + 1000)), meter);
    expect(await stalled()).toEqual([]);
    const record = newRecord(
      newMailId(),
      { ...mailTo('anne'), apiKey: 'test', content: { attachments: [], headers: {} }, priority: 'high', tags: [] },
      Date.now() - 2 * max,
    );
    await fixture.queue.accept([record]);
    await expect.poll(stalled).toEqual([{ part: 'mail consumer', seconds: expect.any(Number) }]);
  });
});

it('workers are scaled by the metric: 0 while everything is paused, 4 for 60 mails, and 0 again when they are sent', async () => {
  const meter = new QueueMeter(fixture.connection);
  const scale = async () => scaleOf(await meter.measure(), limits.mailsPerConnection.min);
  const mailsPerWorker = 10;
  const workers: RunningWorker[] = [];
  // What KEDA and the autoscaler do with the metric.
  const reconcile = async () => {
    const wanted = Math.min(Math.ceil((await scale()).mails / mailsPerWorker), 4);
    const missing = Array.from({ length: wanted - workers.length }, () => fixture.startWorker());
    workers.push(...(await Promise.all(missing)));
    if (wanted === 0) for (const worker of workers.splice(0)) await worker.stop();
    return workers.length;
  };
  const pause = await fixture.pauses.start({ scope: 'everything', name: '', by: 'anne', reason: 'test' });
  const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => fixture.accept(mailTo(`reader-${n}`))));
  await expect.poll(scale).toEqual({ mails: 0, due: 60, inProgress: 0, workers: 0, paused: true });
  expect(await reconcile()).toBe(0);
  // What only a worker can do needs one, also during a pause.
  const measured = { ...(await meter.measure()), bulkActions: 1 };
  expect(scaleOf(measured, limits.mailsPerConnection.min)).toMatchObject({ mails: 1, paused: true });
  const provider = {
    name: 'ses',
    host: 'ses',
    circuit: 'closed',
    isPaused: true,
    connections: 0,
    maxConnections: 1,
    pool: 1,
    nextSlotMs: 0,
  } as const;
  expect(scaleOf({ ...measured, bulkActions: 0, pauses: new Map([['provider', 0]]), providers: [provider] }, 2)).toMatchObject({
    mails: 1,
    paused: false,
  });
  await fixture.redis.cli('SADD', '{posthouse}:pauses:releasing', 'ended');
  await expect.poll(scale).toMatchObject({ mails: 1, paused: true });
  await fixture.redis.cli('DEL', '{posthouse}:pauses:releasing');
  await fixture.pauses.end(pause);
  await expect.poll(scale).toMatchObject({ mails: 60, paused: false });
  expect(await reconcile()).toBe(4);
  for (const id of ids) await fixture.reaches(id, 'sent');
  await expect.poll(scale).toMatchObject({ mails: 0, workers: 4 });
  await expect.poll(reconcile).toBe(0);
  await expect.poll(scale).toMatchObject({ mails: 0, workers: 0 });
  expect([...fixture.smtp.arrivals.values()]).toEqual(Array.from({ length: 60 }, () => 1));
});
