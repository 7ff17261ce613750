/** The circuits of two workers with one Redis. */
import { durations, timings } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { type MailConsumer, ProviderCircuit, Sealer, sealKeys, WorkerConnection } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { CircuitMonitor, type MonitoredProvider } from '../src/circuit-monitor.ts';
import { WorkerCircuit } from '../src/worker-circuit.ts';

const redis = new RedisProcess();
const connections: WorkerConnection[] = [];
let here: WorkerCircuit;
let there: WorkerCircuit;

beforeAll(async () => {
  await redis.start();
  const sealer = new Sealer(sealKeys('f'.repeat(64)));
  connections.push(...[1, 2].map(() => new WorkerConnection(redis.url, sealer, durations, () => undefined)));
  for (const connection of connections) await connection.start();
});
afterAll(async () => {
  for (const connection of connections) await connection.stop();
  await redis.stop();
});
beforeEach(async () => {
  await redis.cli('FLUSHALL');
  const circuits = connections.map((connection) => new WorkerCircuit(new ProviderCircuit(connection, { name: 'ses', account: 'a' })));
  [here, there] = circuits as [WorkerCircuit, WorkerCircuit];
});

const wait = { initial: 1000, max: 4000 };
const states = async () => {
  for (const { shared } of [here, there]) await shared.refresh();
  return [here.isOpen, there.isOpen];
};

it('a provider that a user has paused is not used, and not probed for that', async () => {
  let isPaused = true;
  const circuit = new WorkerCircuit(new ProviderCircuit(connections[0] as WorkerConnection, { name: 'ses', account: 'a' }), () => isPaused);
  expect([circuit.isOpen, circuit.localFailure, circuit.isProbeDue]).toEqual([true, undefined, false]);
  expect(await circuit.shared.electProber(1000)).toBe(false);
  isPaused = false;
  expect(circuit.isOpen).toBe(false);
});

it('a failure that may be local opens the circuit of its worker after enough in a row, and not that of the other', async () => {
  let opened = 0;
  here.onOpen = () => opened++;
  for (let n = 0; n < 2; n++) await here.fail('ENOTFOUND', { after: 3, wait, mayBeLocal: true });
  await here.succeed();
  for (let n = 0; n < 2; n++) await here.fail('ENOTFOUND', { after: 3, wait, mayBeLocal: true });
  expect(await states()).toEqual([false, false]);
  await here.fail('ENOTFOUND', { after: 3, wait, mayBeLocal: true });
  expect(await states()).toEqual([true, false]);
  expect([here.localFailure, there.localFailure, opened]).toEqual(['ENOTFOUND', undefined, 1]);
  expect(await redis.cli('KEYS', '*:circuit:*')).toBe('');
});

it('any other failure opens the circuit of all', async () => {
  await here.fail('535', { after: 1, wait, mayBeLocal: false });
  expect(await states()).toEqual([true, true]);
  expect([here.localFailure, there.localFailure]).toEqual([undefined, undefined]);
});

it('a delivered mail does not close it: a probe does. It is probed later each time, until a mail has been accepted', async () => {
  const soon = { initial: 0, max: 0 };
  await here.fail('CERT_NOT_YET_VALID', { after: 1, wait: soon, mayBeLocal: true });
  await here.succeed();
  expect(here).toMatchObject({ isOpen: true, isProbeDue: true });
  here.failLocally('CERT_NOT_YET_VALID', { initial: 60_000, max: 60_000 });
  expect(here.isProbeDue).toBe(true);
  here.passLocally();
  expect(here).toMatchObject({ isOpen: false, isProbeDue: false });
  await here.fail('ENOTFOUND', { after: 5, wait: soon, mayBeLocal: true });
  expect(here.localFailure).toBe('ENOTFOUND');
  here.passLocally();
  await here.succeed();
  await here.fail('ENOTFOUND', { after: 1, wait: { initial: 60_000, max: 60_000 }, mayBeLocal: true });
  expect(here).toMatchObject({ isOpen: true, isProbeDue: false });
});

it('a stop while Redis is down is not logged as a reading that failed', async () => {
  const warn = vi.fn();
  const connection = new WorkerConnection(redis.url, new Sealer(sealKeys('f'.repeat(64))), durations, () => undefined);
  await connection.start();
  const circuit = new WorkerCircuit(new ProviderCircuit(connection, { name: 'ses', account: 'a' }));
  const readings = vi.spyOn(circuit.shared, 'refresh');
  const monitored = { client: {}, circuit } as MonitoredProvider;
  const monitor = new CircuitMonitor([monitored], {} as MailConsumer, timings.circuit, { warn } as unknown as Logger);
  await redis.kill('SIGSTOP');
  try {
    await monitor.start();
    await monitor.stop();
    await connection.stop();
    await expect(readings.mock.results[0]?.value).rejects.toThrow();
    await new Promise(setImmediate);
    expect(warn).not.toHaveBeenCalled();
  } finally {
    await redis.kill('SIGCONT');
  }
});
