import { Queue, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import { QueuePause } from '../../src/operations/queue-pause.ts';
import { MailConsumer } from '../../src/worker/mail-consumer.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
let pause: QueuePause;
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  pause = new QueuePause(fixture.requests);
});
afterEach(() => fixture.stop());

it('no mail is sent while the queue is paused, and all are sent after it is resumed', async () => {
  const connection = await fixture.newWorkerConnection();
  const taken: string[] = [];
  const consumer = new MailConsumer(
    connection,
    2,
    async ({ id }) => {
      taken.push(id);
      return { kind: 'ended' };
    },
    () => undefined,
  );
  await consumer.start();
  const [first] = await fixture.acceptedMails(1);
  await expect.poll(() => taken).toEqual([first?.id]);

  expect(await pause.pause('anne')).toBe(true);
  const [due, urgent, failed] = [
    ...(await fixture.acceptedMails(1)),
    ...(await fixture.acceptedMails(1, { priority: 'high' })),
    ...(await fixture.acceptedMails(1, { scheduledAt: Date.now() + 100 })),
  ];
  const jobs = new MailJobs(connection.redis, connection, () => undefined);
  await jobs.renew({ id: due?.id ?? '', state: 'queued', priority: 'normal', at: Date.now() });
  await fixture.redis.hset(`{posthouse}:record:${failed?.id}`, 'state', 'failed');
  expect(await fixture.queue.retry(failed?.id ?? '')).toEqual({ changed: true, state: 'queued' });
  for (const mail of [due, urgent, failed]) expect(await jobs.isScheduled(mail?.id ?? '', Date.now())).toBe(true);
  const asking = new Worker('mail', null, { connection: connection.redis, prefix: '{posthouse}', autorun: false });
  for (let n = 0; n < 10; n++) expect(await asking.getNextJob('token', { block: false })).toBeUndefined();
  await asking.close();
  expect(taken).toHaveLength(1);

  expect(await pause.resume()).toBe(true);
  await expect.poll(() => taken.length).toBe(4);
  expect(taken[1]).toBe(urgent?.id);
  await consumer.stop();
  await jobs.close();
});

it('names the first user who paused and since when', async () => {
  expect(await pause.state()).toEqual({ paused: false });
  expect(await pause.resume()).toBe(false);
  const began = Date.now();
  await pause.pause('anne');
  const state = await pause.state();
  expect(state).toEqual({ paused: true, by: 'anne', since: expect.any(Number) });
  expect(state.since).toBeGreaterThanOrEqual(began);
  expect(await pause.pause('bob')).toBe(false);
  expect(await pause.state()).toEqual(state);
  await pause.resume();
  expect(await pause.state()).toEqual({ paused: false });
});

it('shows no user for a pause by another tool, not even after an earlier one by a user', async () => {
  const tool = new Queue('mail', { connection: fixture.redis, prefix: '{posthouse}' });
  await pause.pause('anne');
  await tool.resume();
  expect(await pause.state()).toEqual({ paused: false });
  await tool.pause();
  expect(await pause.state()).toEqual({ paused: true });
  expect(await pause.pause('bob')).toBe(false);
  expect(await pause.resume()).toBe(true);
  expect(await tool.isPaused()).toBe(false);
  await tool.close();
});
