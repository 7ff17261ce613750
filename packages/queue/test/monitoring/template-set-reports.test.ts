import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RequestConnection, Sealer, sealKeys, TemplateSetReporter, TemplateSetReports } from '../../src/queue.ts';

const redis = new RedisProcess();
let connection: RequestConnection;
beforeAll(async () => {
  await redis.start();
  const { timings, retention } = patientDurations();
  // Nothing is reported but what is asked for.
  const durations = { timings: { ...timings, heartbeat: { ...timings.heartbeat, intervalMs: 3_600_000, gone: 3_600_000 } }, retention };
  connection = new RequestConnection(redis.url, new Sealer(sealKeys('d'.repeat(64))), durations, () => undefined);
  await connection.start();
});
afterAll(async () => {
  await connection.stop();
  await redis.stop();
});

it('reports a set that changes while another one is being reported, and none after the stop', async () => {
  const hashes = async () => (await new TemplateSetReports(connection).list()).processes.map(({ hash }) => hash);
  const set = { current: { hash: 'first' }, since: 1, refused: undefined };
  const reporter = new TemplateSetReporter(connection, 'worker', set);
  await reporter.start();
  set.current = { hash: 'second' };
  reporter.report();
  await expect.poll(hashes).toEqual(['second']);
  reporter.report();
  const stopped = reporter.stop();
  reporter.report();
  await stopped;
  expect(await hashes()).toEqual([]);
});
