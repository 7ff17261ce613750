import { timings } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { QueueMeter } from '../../src/monitoring/queue-measurement.ts';
import { QueueOverview } from '../../src/monitoring/queue-overview.ts';
import { TrafficHistory } from '../../src/monitoring/traffic.ts';
import { delayedKey, delayedUnit, trafficKey } from '../../src/redis/keys.ts';
import { ProviderCircuit } from '../../src/worker/provider-circuit.ts';
import { WorkerHeartbeat } from '../../src/worker/worker-heartbeat.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
let overview: QueueOverview;
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  overview = new QueueOverview(fixture.requests);
});
afterEach(async () => {
  vi.useRealTimers();
  await fixture.stop();
});

it('counts the mails in each state, and those that are due, also a retry that no worker has taken up', async () => {
  const meter = new QueueMeter(fixture.requests);
  expect(await meter.due()).toEqual({ mails: 0 });
  const [first] = await fixture.acceptedMails(3);
  const [failed] = await fixture.acceptedMails(1, { scheduledAt: Date.now() + 60_000 });
  await fixture.queue.cancel(failed?.id ?? '');
  expect(await overview.counts()).toMatchObject({ queued: 3, cancelled: 1, scheduled: 0, sent: 0 });
  expect(await meter.due()).toEqual({ mails: 3, oldestAt: first?.dueAt });
  const [overdue] = await fixture.acceptedMails(1, { scheduledAt: Date.now() + 60_000 });
  const dueAt = (first?.dueAt ?? 0) - 60_000;
  await fixture.redis.zadd(delayedKey, dueAt * delayedUnit, overdue?.id ?? '');
  expect(await meter.due()).toEqual({ mails: 4, oldestAt: dueAt });
  const { due } = await meter.measure();
  expect([due.normal.mails, due.delayed.mails]).toEqual([3, 1]);
});

it('counts events by minute, across the end of an hour', async () => {
  const minute = 60_000;
  const now = Math.floor(Date.now() / minute) * minute;
  vi.useFakeTimers({ toFake: ['Date'], now });
  const plant = (at: number, what: string, count: number) =>
    fixture.redis.hset(trafficKey(at), `${what}:${new Date(at).getUTCMinutes()}`, count);
  await plant(now, 'accepted', 3);
  await plant(now - 59 * minute, 'sent', 5);
  await plant(now - 60 * minute, 'failed', 7);
  await plant(now - 1439 * minute, 'failed', 9);

  const traffic = new TrafficHistory(fixture.requests);
  const hour = await traffic.steps(minute, 60);
  expect(hour).toHaveLength(60);
  expect(hour[0]).toEqual({ at: now - 59 * minute, accepted: 0, sent: 5, failed: 0 });
  expect(hour[59]).toEqual({ at: now, accepted: 3, sent: 0, failed: 0 });
  const day = await traffic.steps(minute, 1440);
  expect(day[0]).toEqual({ at: now - 1439 * minute, accepted: 0, sent: 0, failed: 9 });
  expect(day.reduce((sum, { failed }) => sum + failed, 0)).toBe(16);
  // Ended hours are read once; the present one again.
  await plant(now, 'accepted', 4);
  await plant(now - 1300 * minute, 'sent', 99);
  await traffic.steps(minute, 2);
  const again = await traffic.steps(minute, 1440);
  expect(again.at(-1)).toMatchObject({ accepted: 4 });
  expect(again.reduce((sum, { sent }) => sum + sent, 0)).toBe(5);
  const week = await traffic.steps(120 * minute, 84);
  expect(week).toHaveLength(84);
  expect(week.reduce((sum, { failed }) => sum + failed, 0)).toBe(16);
  expect(week.reduce((sum, { sent }) => sum + sent, 0)).toBe(5);
});

it('shows each provider with the circuit of the account that its workers use', async () => {
  const wait = { initial: 60_000, max: 60_000 };
  const lively = { ...timings, heartbeat: { ...timings.heartbeat, intervalMs: 50 } };
  const connections = await Promise.all([1, 2].map(() => fixture.newWorkerConnection(lively)));
  const [connection] = connections as [WorkerConnection, WorkerConnection];
  const providers = [
    { name: 'ses', host: 'ses.example.com', account: 'a', ratePerSecond: 14 },
    { name: 'relay-2', host: 'relay.example.com', account: 'b' },
  ];
  const unreachableFor = new Set<WorkerConnection>();
  const workers = connections.map((connection) => {
    const failure = () => (unreachableFor.has(connection) ? { localFailure: 'ENOTFOUND' } : {});
    const info = () => ({ version: '1', concurrency: 1, providers: providers.map((provider) => ({ ...provider, ...failure() })) });
    return new WorkerHeartbeat(connection, info);
  });
  for (const worker of workers) await worker.start();
  await new ProviderCircuit(connection, { name: 'ses', account: 'a' }).fail('554 5.2.0', {
    ...{ after: 1, wait },
    ...{ account: 'quota', step: 'DOT' },
  });
  await new ProviderCircuit(connection, { name: 'relay-2', account: 'another' }).fail('ECONNREFUSED', { after: 1, wait });

  await expect.poll(() => overview.workers()).toHaveLength(2);
  const [ses, relay, ...others] = await overview.providers();
  expect(others).toEqual([]);
  expect(ses).toMatchObject({
    name: 'ses',
    host: 'ses.example.com',
    ratePerSecond: 14,
    circuit: 'open',
    reason: '554 5.2.0',
    account: 'quota',
    step: 'DOT',
  });
  expect((ses?.probeAt ?? 0) - (ses?.openSince ?? 0)).toBe(60_000);
  expect(relay).toEqual({ name: 'relay-2', host: 'relay.example.com', circuit: 'closed', connections: 0, maxConnections: 0, pool: 0 });
  // What only some workers cannot reach is not down.
  const unreachable = async () => (await overview.workers()).filter(({ providers: [, last] }) => last?.localFailure === 'ENOTFOUND').length;
  for (const [n, circuit] of ['closed', 'open'].entries()) {
    unreachableFor.add(connections[n] as WorkerConnection);
    await expect.poll(unreachable).toBe(n + 1);
    expect((await overview.providers())[1]).toMatchObject({ circuit, ...(circuit === 'open' && { reason: 'ENOTFOUND' }) });
  }
  for (const worker of workers) await worker.stop();
});
