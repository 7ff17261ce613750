import { type DeliveryAttempt, type DeliveryKind, limits, type Verdict } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { DomainStatistics } from '../../src/monitoring/domain-statistics.ts';
import { domainCountsPrefix } from '../../src/redis/keys.ts';
import { DomainCounters } from '../../src/worker/domain-counters.ts';
import { OperationsFixture } from '../operations-fixture.ts';
import { sealer } from '../sample-mail.ts';

const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

const keep = { hours: 60_000, parts: 30_000 };

function attempt(recipients: readonly [address: string, verdict: Verdict][], kind: DeliveryKind = 'attempted'): DeliveryAttempt {
  const outcomes = recipients.map(([address, verdict]) => ({ address, verdict, reason: '550 5.1.1' as const }));
  return { kind, at: 0, durationMs: 1, steps: [], outcomes };
}

it('what several workers counted is added up by domain, those with the most failures first, and no domain is in clear', async () => {
  const workers = [new DomainCounters(sealer, keep), new DomainCounters(sealer, keep)] as const;
  workers[0].attempted(
    attempt([
      ['anne@planted.example', 'FAIL'],
      ['bob@Planted.Example', 'ACCEPT'],
      ['carl@well.example', 'ACCEPT'],
      ['dora@busy.example', 'RETRY'],
    ]),
  );
  workers[1].attempted(attempt([['erin@planted.example', 'FAIL']]));
  // A failure of the provider.
  workers[1].attempted(attempt([['erin@well.example', 'DEFER']]));
  workers[1].attempted(attempt([['erin@well.example', 'FAIL']], 'refusal-undecided'));
  // Nothing is stored twice.
  for (const worker of [...workers, ...workers]) await worker.store(fixture.redis);

  const statistics = new DomainStatistics(fixture.requests);
  const expected = [
    { domain: 'planted.example', sent: 1, failed: 2, retried: 0 },
    { domain: 'busy.example', sent: 0, failed: 0, retried: 1 },
  ];
  for (const period of ['hour', 'day'] as const) expect(await statistics.failing(period, 20)).toEqual(expected);
  expect(await statistics.failing('day', 1)).toEqual(expected.slice(0, 1));
  const keys = await fixture.redis.keys(`${domainCountsPrefix}*`);
  expect(keys.length).toBeGreaterThanOrEqual(2);
  for (const key of keys) {
    expect((await fixture.redis.dumpBuffer(key)).toString('latin1').toLowerCase()).not.toMatch(/planted|busy|well/);
    expect(await fixture.redis.pttl(key)).toBeGreaterThan(0);
  }
});

it('of very many domains the first are counted by name, in a worker and in Redis', async () => {
  const [one, other] = [new DomainCounters(sealer, keep), new DomainCounters(sealer, keep)];
  for (let n = 0; n < limits.countedDomains + 50; n++) one.attempted(attempt([[`a@one-${n}.example`, 'FAIL']]));
  for (let n = 0; n < 30; n++) other.attempted(attempt([[`a@other-${n}.example`, 'FAIL']]));
  await other.store(fixture.redis);
  await one.store(fixture.redis);
  const domains = (await new DomainStatistics(fixture.requests).failing('hour', 1000)).map(({ domain }) => domain);
  expect(domains.length).toBeGreaterThanOrEqual(limits.countedDomains);
  expect(domains.filter((domain) => domain.startsWith('other-'))).toHaveLength(30);
  // The others are counted, too, in a period each.
  for (const key of await fixture.redis.keys(`${domainCountsPrefix}*`)) {
    const { domains: named, ...counts } = await fixture.redis.hgetall(key);
    expect(Number(named)).toBeLessThanOrEqual(limits.countedDomains);
    expect(Object.keys(counts).filter((field) => field.endsWith(':name'))).toHaveLength(Number(named));
  }
  const hours = await fixture.redis.keys(`${domainCountsPrefix}hour:*`);
  const failed = await Promise.all(hours.map(async (key) => Object.entries(await fixture.redis.hgetall(key))));
  const counted = failed.flat().filter(([field]) => field.endsWith(':1'));
  expect(counted.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(limits.countedDomains + 80);
});

it('what could not be stored is stored the next time', async () => {
  const counters = new DomainCounters(sealer, keep);
  counters.attempted(attempt([['anne@example.com', 'FAIL']]));
  const connection = await fixture.newWorkerConnection();
  await connection.stop();
  await expect(counters.store(connection.redis)).rejects.toThrow();
  counters.attempted(attempt([['anne@example.com', 'FAIL']]));
  await counters.store(fixture.redis);
  expect(await new DomainStatistics(fixture.requests).failing('hour', 1)).toMatchObject([{ failed: 2 }]);
});
