import type { DeliveryAttempt, DeliveryKind, Verdict } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ProviderStatistics } from '../../src/monitoring/provider-statistics.ts';
import { bucketOf, quantile } from '../../src/record/duration-buckets.ts';
import { providerCountsPrefix } from '../../src/redis/keys.ts';
import { ProviderCounters } from '../../src/worker/provider-counters.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(async () => {
  vi.useRealTimers();
  await fixture.stop();
});

const keep = 60_000;

function attempt(verdicts: Verdict[], kind: DeliveryKind = 'attempted', acceptedAt?: number): DeliveryAttempt {
  const outcomes = verdicts.map((verdict) => ({ address: 'anne@example.com', verdict, reason: '250 2.0.0' as const }));
  const receipt = { at: acceptedAt ?? 0, provider: 'ses', response: '250', accepted: [] };
  return { kind, at: 0, durationMs: 1, provider: 'ses', steps: [], outcomes, ...(acceptedAt !== undefined && { receipt }) };
}

it('what several workers counted is added up by provider and minute, and kept for a time', async () => {
  const workers = [new ProviderCounters(keep), new ProviderCounters(keep)] as const;
  workers[0].attempted(attempt(['ACCEPT', 'FAIL', 'RETRY'], 'attempted', 5000));
  workers[1].attempted(attempt(['ACCEPT', 'ACCEPT'], 'attempted', 4000));
  workers[1].attempted(attempt(['DEFER'], 'connection-failed'));
  // The provider was not asked.
  for (const kind of ['circuit-open', 'rate-limited', 'gate-denied', 'worker-stopping'] as const)
    workers[1].attempted(attempt(['OPEN'], kind));
  for (const ms of [3, 4, 5, 150]) workers[0].lasted('ses', 'dot', ms);
  workers[1].waited('ses', 'signup', 700);
  workers[1].waited('relay-2', '', 90_000);
  for (const worker of workers) await worker.store(fixture.redis);
  // Nothing is stored twice.
  for (const worker of workers) await worker.store(fixture.redis);

  const statistics = new ProviderStatistics(fixture.requests);
  const { figures, wait, templates } = await statistics.read(['ses', 'relay-2', 'unused'], 60);
  expect(figures.get('ses')).toMatchObject({ sent: 3, failed: 1, retried: 1, deferred: 1, unknown: 0, lastAccepted: 5000 });
  expect(Object.keys(figures.get('ses')?.phases ?? {})).toEqual(['dot']);
  expect(figures.get('ses')?.phases.dot).toMatchObject({ count: 4, p50: expect.closeTo(3.3, 1), p95: expect.closeTo(140, 0), all: 150 });
  expect(wait).toMatchObject({ count: 2, p50: 1000, p99: expect.closeTo(89_400, 0), all: 90_000 });
  expect(templates.get('signup')).toMatchObject({ count: 1, all: 700 });
  expect(figures.get('ses')?.wait).toMatchObject({ count: 1 });
  expect([...templates].map(([template, { count }]) => [template, count])).toEqual([
    ['signup', 1],
    ['', 1],
  ]);
  expect(figures.get('unused')).toMatchObject({ sent: 0, phases: {} });
  const [key = ''] = await fixture.redis.keys(`${providerCountsPrefix}ses:*`);
  expect(await fixture.redis.pttl(key)).toBeGreaterThan(keep / 2);
});

it('counts belong to their minute, also across the end of an hour', async () => {
  const [seconds] = await fixture.redis.time();
  const last = Math.floor(Number(seconds) / 60);
  const plant = async (at: number, name: string, count: number | string) =>
    await fixture.redis.hset(`${providerCountsPrefix}ses:${Math.floor(at / 60)}`, `${at % 60}:${name}`, count);
  await plant(last - 1, 'mails', 7);
  await plant(last - 59, 'sent', 1);
  // Edited by somebody: it counts for nothing.
  await plant(last - 58, 'sent', 'x');
  await plant(last - 58, 'wait/signup:6', '{}');
  await plant(last - 61, 'sent', 10);
  await plant(last - 24 * 60, 'sent', 100);
  const statistics = new ProviderStatistics(fixture.requests);
  const sent = async (minutes: number) => (await statistics.read(['ses'], minutes)).figures.get('ses');
  expect(await sent(60)).toMatchObject({ sent: 1, mailsLastMinute: 7 });
  await plant(last - 150, 'sent', 1000);
  expect(await sent(24 * 60)).toMatchObject({ sent: 1011 });
  // An hour that is over is read once.
  await fixture.redis.del(`${providerCountsPrefix}ses:${Math.floor((last - 150) / 60)}`);
  expect(await sent(24 * 60)).toMatchObject({ sent: 1011 });
});

it('what could not be stored is stored the next time', async () => {
  const counters = new ProviderCounters(keep);
  counters.waited('ses', 'signup', 10);
  const connection = await fixture.newWorkerConnection();
  await connection.stop();
  await expect(counters.store(connection.redis)).rejects.toThrow();
  counters.waited('ses', 'signup', 10);
  await counters.store(fixture.redis);
  expect((await new ProviderStatistics(fixture.requests).read(['ses'], 2)).wait).toMatchObject({ count: 2, all: 10 });
  // A shorter one of later changes nothing.
  counters.waited('ses', 'signup', 7);
  await counters.store(fixture.redis);
  expect((await new ProviderStatistics(fixture.requests).read(['ses'], 2)).wait).toMatchObject({ count: 3, all: 10 });
});

it('a quantile lies in the bucket of the duration at that share', () => {
  expect(quantile(new Map(), 0.5)).toBeUndefined();
  for (const ms of [1, 5, 6, 700, 59_000, 3_600_000]) {
    const found = quantile(new Map([[bucketOf(ms), 3]]), 0.95) ?? Number.NaN;
    expect(bucketOf(found)).toBe(bucketOf(ms));
  }
  expect(
    quantile(
      new Map([
        [bucketOf(8), 99],
        [bucketOf(900), 1],
      ]),
      0.95,
    ),
  ).toBeLessThan(11);
  expect(quantile(new Map([[bucketOf(10 ** 9), 1]]), 0.5)).toBe(86_400_000);
});

it('no quantile is longer than the longest duration, where that is known', () => {
  for (const ms of [1, 6, 700, 720_000, 10 ** 9]) {
    const counts = new Map([[bucketOf(ms), 30]]);
    expect(quantile(counts, 1, ms)).toBe(ms);
    expect(quantile(counts, 0.95, ms)).toBeLessThan(ms);
  }
  // One of before, or of an earlier part of the hour.
  expect(quantile(new Map([[bucketOf(900), 1]]), 1, 20)).toBe(1000);
  expect(quantile(new Map([[bucketOf(900), 1]]), 1, 5000)).toBe(1000);
});
