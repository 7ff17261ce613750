import { type MailRecord, type MailState, timings } from '@posthouse/contract';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { MailJobs } from '../../src/connection/mail-jobs.ts';
import type { WorkerConnection } from '../../src/connection/worker-connection.ts';
import { type NewPause, Pauses } from '../../src/operations/pauses.ts';
import type { NewMail } from '../../src/record/new-record.ts';
import { parkedKey, pausesKey, recordKey, releaserKey, releasingKey, unfinishedKey } from '../../src/redis/keys.ts';
import type { LeasedMail } from '../../src/worker/leased-mail.ts';
import { MailConsumer, type RunResult } from '../../src/worker/mail-consumer.ts';
import { PauseMonitor } from '../../src/worker/pause-monitor.ts';
import { PauseRelease } from '../../src/worker/pause-release.ts';
import { OperationsFixture } from '../operations-fixture.ts';
import { attemptResult } from '../records-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const fixture = new OperationsFixture();
const quick = { ...timings, pause: { ...timings.pause, poll: 20 } };
let pauses: Pauses;
let stops: (() => Promise<void>)[] = [];
/** Ids of mails in the order in which they were sent. */
let sent: string[];
/** How often each mail was parked. */
let parkings: Record<string, number>;

beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  pauses = new Pauses(fixture.requests);
  [sent, parkings] = [[], {}];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  await fixture.stop();
});

/** A worker that sends every mail that it begins. @param onParked called when a mail was parked, before its job is moved */
async function startWorker(onParked: (id: string, connection: WorkerConnection) => Promise<void> = async () => undefined) {
  const connection = await fixture.newWorkerConnection(quick);
  const consumer = new MailConsumer(
    connection,
    1,
    async (mail) => await run(mail, (id) => onParked(id, connection)),
    (id, error) => expect.unreachable(`${id}: ${error.stack}`),
  );
  const monitor = new PauseMonitor(connection, consumer, ['ses'], () => undefined);
  await consumer.pause('user');
  await consumer.start();
  await monitor.start();
  const stop = async () => {
    await monitor.stop();
    await consumer.stop();
  };
  stops.push(stop);
  return { connection, stop };
}

async function run(mail: LeasedMail, onParked: (id: string) => Promise<void>): Promise<RunResult> {
  const begun = await mail.begin();
  if (begun.kind === 'not-due') return { kind: 'reschedule', at: begun.at };
  if (begun.kind === 'paused') {
    parkings[mail.id] = (parkings[mail.id] ?? 0) + 1;
    await onParked(mail.id);
    return { kind: 'reschedule', at: begun.at };
  }
  if (begun.kind !== 'ready') return { kind: 'ended' };
  sent.push(mail.id);
  await mail.recordAttempt(attemptResult(...begun.record.recipients.map(() => 'accepted' as const)));
  return { kind: 'ended' };
}

const start = async (change: Partial<NewPause>) =>
  await pauses.start({ scope: 'template', name: 'signup', by: 'anne', reason: 'broken', ...change });

const accept = async (change: Partial<NewMail> = {}) => (await fixture.acceptedMails(1, change))[0] as MailRecord;

/** Waits until a mail is parked, and its job is moved. */
async function parked({ id }: MailRecord, under: string): Promise<void> {
  await expect.poll(() => fixture.redis.zscore(parkedKey(under), id)).not.toBeNull();
  await expect.poll(() => fixture.redis.zscore('{posthouse}:mail:delayed', id)).not.toBeNull();
}

const stateOf = async ({ id }: MailRecord) => (await fixture.redis.hget(recordKey(id), 'state')) as MailState | null;

const other = { content: { ...sampleMail().content, template: { name: 'receipt', locale: 'en', data: {} } }, tags: ['order'] };

it('a pause of everything keeps all workers from taking mails until a user ends it', async () => {
  await start({ scope: 'everything', name: '' });
  await Promise.all([startWorker(), startWorker()]);
  const [normal, urgent] = [await accept(), await accept({ priority: 'high' })];
  await fixture.requests.handles.redis.ping();
  const [pause] = (await pauses.list()).pauses;
  expect(pause).toEqual({
    id: expect.any(String),
    scope: 'everything',
    by: 'anne',
    reason: 'broken',
    since: expect.any(Number),
    parked: 0,
  });
  expect(await pauses.of(normal)).toEqual([pause]);
  expect(sent).toEqual([]);
  await pauses.end(pause?.id ?? '');
  await expect.poll(() => sent.length).toBe(2);
  expect(new Set(sent)).toEqual(new Set([urgent.id, normal.id]));
});

it('a pause ends automatically at its time', async () => {
  await start({ scope: 'everything', name: '', ms: 300 });
  await start({ ms: 400 });
  await startWorker();
  const mail = await accept();
  await expect.poll(() => sent).toEqual([mail.id]);
  await expect.poll(async () => (await pauses.list()).pauses).toEqual([]);
});

it('a paused mail uses no attempt, is parked once, and is sent in its order and by its priority after the end', async () => {
  const pause = await start({});
  const first = await accept();
  const second = await accept();
  const urgent = await accept({ priority: 'high' });
  const elsewhere = await accept(other);
  const { connection } = await startWorker();
  for (const mail of [first, second, urgent]) await parked(mail, pause);
  await expect.poll(() => sent).toEqual([elsewhere.id]);
  expect(await fixture.redis.hmget(recordKey(first.id), 'state', 'runs', 'attemptCount', 'deferralCount')).toEqual([
    'queued',
    '0',
    null,
    null,
  ]);
  // The sweeper does not look at it before it expires.
  expect(await fixture.redis.zscore(unfinishedKey, first.id)).toBe(String(first.expiresAt));
  expect((await pauses.list()).pauses[0]?.parked).toBe(3);
  expect((await pauses.of(first)).map(({ id }) => id)).toEqual([pause]);
  expect(await pauses.of(elsewhere)).toEqual([]);

  // While mails are still being released, the worker knows of a new pause: all are released before the first one is taken.
  const timing = connection.records.timing.bind(connection.records);
  let isHeld = true;
  connection.records.timing = async (id) =>
    await expect
      .poll(() => isHeld)
      .toBe(false)
      .then(() => timing(id));
  expect(await pauses.end(pause)).toBe(true);
  expect(await pauses.end(pause)).toBe(false);
  await expect.poll(() => fixture.redis.exists(releaserKey)).toBe(1);
  const everything = await start({ scope: 'everything', name: '' });
  await expect.poll(() => connection.pauses.everything).toBe(true);
  isHeld = false;
  await expect.poll(() => fixture.redis.zcard('{posthouse}:mail:prioritized')).toBe(3);
  await pauses.end(everything);
  await expect.poll(() => sent).toEqual([elsewhere.id, urgent.id, first.id, second.id]);
  expect(parkings).toEqual({ [first.id]: 1, [second.id]: 1, [urgent.id]: 1 });
  await expect.poll(() => fixture.redis.exists(parkedKey(pause), releasingKey)).toBe(0);
});

it('a worker whose only provider is paused takes no mail', async () => {
  const pause = await start({ scope: 'provider', name: 'ses' });
  const other = await start({ scope: 'provider', name: 'another' });
  const { connection } = await startWorker();
  await expect.poll(() => connection.pauses.providers).toEqual(new Set(['ses', 'another']));
  const mail = await accept();
  expect(await pauses.of(mail)).toEqual([]);
  await pauses.end(other);
  await expect.poll(() => connection.pauses.providers).toEqual(new Set(['ses']));
  expect(sent).toEqual([]);
  expect(await stateOf(mail)).toBe('queued');
  await pauses.end(pause);
  await expect.poll(() => sent).toEqual([mail.id]);
});

it.each([
  ['tag', 'welcome'],
  ['domain', 'planted-address.example'],
] as const)('a pause of a %s holds back the mails that have it', async (scope, name) => {
  const pause = await start({ scope, name });
  const to = [{ address: 'ben@example.org' }, { address: 'anne@Planted-Address.example' }];
  const held = await accept(scope === 'domain' ? { envelope: { ...sampleMail().envelope, to } } : {});
  const free = await accept({ tags: ['order'], envelope: { ...sampleMail().envelope, to: [{ address: 'ben@example.org' }] } });
  await startWorker();
  await parked(held, pause);
  await expect.poll(() => sent).toEqual([free.id]);
  expect((await pauses.list()).pauses[0]).toMatchObject({ scope, name, parked: 1 });
  await pauses.end(pause);
  await expect.poll(() => sent).toEqual([free.id, held.id]);
});

it('a mail that is parked while its pause ends is sent', async () => {
  // The pause ends, and its mails are released, before the worker has moved the job.
  const pause = await start({});
  const mail = await accept();
  const { connection } = await startWorker(async (_, connection) => {
    await pauses.end(pause);
    const release = new PauseRelease(connection);
    await release.run();
    await release.close();
    expect(await fixture.redis.zcard(parkedKey(pause))).toBe(1);
  });
  await expect.poll(() => sent).toEqual([mail.id]);
  // A worker that does not know yet that the pause has ended.
  const stale = await start({});
  await expect.poll(() => connection.pauses.parking(mail)).toBe(stale);
  await pauses.end(stale);
  connection.pauses.set([{ id: stale, scope: 'template', match: 'signup', by: 'anne', since: 0, sealed: '' }]);
  const next = await accept();
  await expect.poll(() => sent).toEqual([mail.id, next.id]);
  expect(parkings[next.id]).toBeUndefined();
});

it('a worker that dies at any moment of a release leaves no mail behind', async () => {
  const pause = await start({});
  const mails = [await accept(), await accept(), await accept()] as [MailRecord, MailRecord, MailRecord];
  const worker = await startWorker();
  for (const mail of mails) await parked(mail, pause);
  await worker.stop();
  await pauses.end(pause);
  // It died with the lease, after one job was due, and before the mail was no longer parked.
  await fixture.redis.set(releaserKey, 'dead', 'PX', 200);
  const jobs = new MailJobs(worker.connection.redis, worker.connection, () => undefined);
  await jobs.promote({ id: mails[0].id, state: 'queued', priority: 'normal', at: 0 });
  // And the job of another one is lost.
  await jobs.remove(mails[1].id);
  await jobs.close();
  await startWorker();
  await expect.poll(() => sent.length).toBe(3);
  expect(new Set(sent)).toEqual(new Set(mails.map(({ id }) => id)));
  await expect.poll(() => fixture.redis.exists(parkedKey(pause), releasingKey)).toBe(0);
});

it('a mail of two pauses waits for the end of both', async () => {
  const ofTemplate = await start({});
  const ofTag = await start({ scope: 'tag', name: 'welcome' });
  const mail = await accept();
  await startWorker();
  await expect.poll(async () => Object.values(parkings)).toEqual([1]);
  expect(new Set((await pauses.of(mail)).map(({ id }) => id))).toEqual(new Set([ofTemplate, ofTag]));
  const [first, second] = (await fixture.redis.zscore(parkedKey(ofTemplate), mail.id)) === null ? [ofTag, ofTemplate] : [ofTemplate, ofTag];
  await pauses.end(first);
  await parked(mail, second);
  expect(sent).toEqual([]);
  await pauses.end(second);
  await expect.poll(() => sent).toEqual([mail.id]);
  expect(parkings).toEqual({ [mail.id]: 2 });
});

it('pauses are listed the oldest first, and those of one millisecond by their ids', async () => {
  for (const [id, since] of Object.entries({ d: 2, c: 1, b: 2, a: 2 })) {
    await fixture.redis.hset(pausesKey, id, JSON.stringify({ scope: 'tag', match: id, by: 'anne', since, sealed: '' }));
  }
  expect((await pauses.list()).pauses.map(({ id }) => id)).toEqual(['c', 'a', 'b', 'd']);
});

it('a paused mail can be cancelled, retried and sent now, and expires; the pause holds back what is still to be sent', async () => {
  const pause = await start({});
  const cancelled = await accept();
  const expiring = await accept({ expiresAt: Date.now() + 600 });
  const [retried] = (await fixture.importedMails(1, 'failed')) as [MailRecord];
  const [waiting] = (await fixture.importedMails(1, 'retrying')) as [MailRecord];
  await fixture.redis.hset(recordKey(waiting.id), 'nextAttemptAt', Date.now() + 3_600_000);
  await startWorker();
  await parked(cancelled, pause);
  expect(await fixture.queue.cancel(cancelled.id)).toEqual({ changed: true, state: 'cancelled' });
  expect(await fixture.queue.retry(retried.id)).toEqual({ changed: true, state: 'queued' });
  expect(await fixture.queue.sendNow(waiting.id)).toMatchObject({ state: 'queued' });
  for (const mail of [retried, waiting]) await parked(mail, pause);
  await expect.poll(() => stateOf(expiring)).toBe('expired');
  expect(sent).toEqual([]);
  await pauses.end(pause);
  await expect.poll(() => sent.length).toBe(2);
  expect(new Set(sent)).toEqual(new Set([retried.id, waiting.id]));
  expect(await stateOf(cancelled)).toBe('cancelled');
});

it('there are at most twenty pauses, no two of the same, and neither a reason nor a domain is stored in clear', async () => {
  await start({ scope: 'domain', name: 'planted-address.example', reason: 'planted-reason', ms: 60_000 });
  const [first] = (await pauses.list()).pauses;
  expect((first?.until ?? 0) - (first?.since ?? 0)).toBe(60_000);
  await expect(start({ scope: 'domain', name: 'planted-address.example' })).rejects.toMatchObject({ code: 'exists' });
  for (let n = 0; n < 19; n++) await start({ name: `template-${n}` });
  await expect(start({ name: 'one-more' })).rejects.toMatchObject({ code: 'full' });
  expect(JSON.stringify(await fixture.redis.hgetall('{posthouse}:pauses'))).not.toMatch(/planted/);
});

it('a pause by another tool is shown and can be ended', async () => {
  const tool = new Queue('mail', { connection: fixture.redis, prefix: '{posthouse}' });
  await tool.pause();
  expect(await pauses.list()).toEqual({ pauses: [], byTool: true });
  await pauses.endByTool();
  expect((await pauses.list()).byTool).toBe(false);
  await tool.close();
});
