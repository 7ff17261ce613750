import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProviderCircuit } from '../../src/worker/provider-circuit.ts';
import { ProviderRate } from '../../src/worker/provider-rate.ts';
import { RecordsFixture } from '../records-fixture.ts';

const fixture = new RecordsFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());
beforeEach(() => fixture.redis.flushall());

const wait = { initial: 40, max: 100 };
const circuitOf = (account: string, workerId?: string) => {
  const connection = workerId === undefined ? fixture.connection : Object.create(fixture.connection, { workerId: { value: workerId } });
  return new ProviderCircuit(connection, { name: 'ses', account });
};
const key = () => `{posthouse}:circuit:ses:${fixture.connection.digest('a')}`;
const probeDue = (circuit: ProviderCircuit) => expect.poll(() => circuit.electProber(60_000), { interval: 5 }).toBe(true);

describe('ProviderCircuit', () => {
  it('opens for all workers after enough failures in a row; a delivered mail resets the count', async () => {
    const [here, there] = [circuitOf('a'), circuitOf('a')];
    await here.fail('ECONNREFUSED', { after: 3, wait });
    await there.fail('ECONNREFUSED', { after: 3, wait });
    await here.refresh();
    await here.succeed();
    for (let n = 0; n < 2; n++) await here.fail('ECONNREFUSED', { after: 3, wait });
    expect(here.isOpen).toBe(false);
    await here.fail('ETIMEDOUT', { after: 3, wait });
    expect(here).toMatchObject({ isOpen: true, reason: 'ETIMEDOUT' });
    expect(there.isOpen).toBe(false);
    await there.refresh();
    expect(there).toMatchObject({ isOpen: true, reason: 'ETIMEDOUT' });
  });

  it('stays open when a mail that was in progress is delivered', async () => {
    const circuit = circuitOf('a');
    await circuit.fail('535', { after: 1, wait });
    await circuit.succeed();
    expect(circuit.isOpen).toBe(true);
    await circuit.refresh();
    expect(circuit.isOpen).toBe(true);
  });

  it('is separate for each account', async () => {
    const [wrong, right] = [circuitOf('1'), circuitOf('2')];
    await wrong.fail('535', { after: 1, wait });
    await right.refresh();
    expect([wrong.isOpen, right.isOpen]).toEqual([true, false]);
  });

  it('elects one prober, once the probe is due', async () => {
    const circuits = Array.from({ length: 5 }, (_, number) => circuitOf('a', `worker ${number}`));
    await circuits[0]?.fail('535', { after: 1, wait: { initial: 60_000, max: 60_000 } });
    for (const circuit of circuits) await circuit.refresh();
    expect(await Promise.all(circuits.map((circuit) => circuit.electProber(60_000)))).toEqual(Array(5).fill(false));
    await fixture.redis.hset(key(), 'probeAt', Date.now() - 1);
    for (const circuit of circuits) await circuit.refresh();
    const elected = await Promise.all(circuits.map((circuit) => circuit.electProber(60_000)));
    expect(elected.filter(Boolean)).toHaveLength(1);
    // Asking again keeps it elected for longer; a worker that is gone is replaced.
    const prober = circuits[elected.indexOf(true)] as ProviderCircuit;
    const other = circuits[elected.indexOf(false)] as ProviderCircuit;
    expect(await prober.electProber(60_000)).toBe(true);
    expect(await other.electProber(60_000)).toBe(false);
    expect(await prober.electProber(1)).toBe(true);
    await expect.poll(() => other.electProber(60_000), { interval: 5 }).toBe(true);
    expect(await prober.electProber(60_000)).toBe(false);
  });

  it('is probed when it is due by the clock of Redis, also by a worker whose own is ahead', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const circuit = circuitOf('a');
    await circuit.fail('535', { after: 1, wait: { initial: 60_000, max: 60_000 } });
    vi.useRealTimers();
    const [seconds] = await fixture.redis.time();
    expect(Number(await fixture.redis.hget(key(), 'probeAt')) / 1000 - Number(seconds)).toBeLessThanOrEqual(61);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    expect(await circuit.electProber(60_000)).toBe(false);
    vi.useRealTimers();
  });

  it('ignores the result of a prober that another one has replaced', async () => {
    const [first, second] = [circuitOf('a', 'first'), circuitOf('a', 'second')];
    await first.fail('535', { after: 1, wait });
    await second.refresh();
    await expect.poll(() => first.electProber(1), { interval: 5 }).toBe(true);
    await expect.poll(() => second.electProber(60_000), { interval: 5 }).toBe(true);
    await first.passProbe();
    await first.failProbe('ETIMEDOUT', { wait });
    await second.refresh();
    expect(second).toMatchObject({ isOpen: true, reason: '535' });
    expect(await second.electProber(60_000)).toBe(true);
    await second.passProbe();
    await first.refresh();
    expect([first.isOpen, second.isOpen]).toEqual([false, false]);
  });

  it('waits twice as long after each failed probe, up to the maximum; failures in between change nothing', async () => {
    const circuit = circuitOf('a');
    const delays: number[] = [];
    await circuit.fail('535', { after: 1, wait });
    for (let n = 0; n < 3; n++) {
      await circuit.fail('535', { after: 1, wait });
      delays.push(Number(await fixture.redis.hget(key(), 'wait')));
      await probeDue(circuit);
      await circuit.failProbe('535', { wait, step: 'AUTH' });
    }
    expect(delays).toEqual([40, 80, 100]);
    expect(await fixture.redis.hget(key(), 'step')).toBe('AUTH');
  });

  it('closes after a successful probe, and opens at the next failure, for longer', async () => {
    const circuit = circuitOf('a');
    await circuit.fail('550 5.4.5', { after: 5, wait });
    expect(circuit.isOpen).toBe(false);
    for (let n = 0; n < 4; n++) await circuit.fail('550 5.4.5', { after: 5, wait });
    await probeDue(circuit);
    await circuit.passProbe();
    expect(circuit.isOpen).toBe(false);
    await circuit.fail('550 5.4.5', { after: 5, wait });
    expect(circuit.isOpen).toBe(true);
    expect(await fixture.redis.hget(key(), 'wait')).toBe('80');
    await probeDue(circuit);
    await circuit.passProbe();
    await circuit.succeed();
    expect(await fixture.redis.exists(key())).toBe(0);
  });
});

describe('ProviderRate', () => {
  it('reserves evenly spaced moments for all workers together, and none that is too far away', async () => {
    const workers = Array.from({ length: 4 }, () => new ProviderRate(fixture.connection, { name: 'ses', account: 'a' }, 1));
    const delays: number[] = [];
    const began = performance.now();
    for (let n = 0; n < 12; n++) delays.push(await (workers[n % 4] as ProviderRate).take(60_000));
    expect(delays[0]).toBe(0);
    const last = delays.at(-1) as number;
    expect(last).toBeLessThanOrEqual(11_000);
    expect(last + Math.ceil(performance.now() - began) + 1).toBeGreaterThanOrEqual(11_000);
    const far = await (workers[0] as ProviderRate).take(500);
    expect(far).toBeGreaterThan(500);
    expect(await (workers[1] as ProviderRate).take(500)).toBeLessThanOrEqual(far);
  });
});
