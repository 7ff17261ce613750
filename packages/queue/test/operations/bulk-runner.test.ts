import type { MailFilter, MailRecord } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { MailQueue } from '../../src/acceptance/mail-queue.ts';
import type { BulkAction, BulkScope } from '../../src/operations/bulk-action.ts';
import { BulkActions } from '../../src/operations/bulk-actions.ts';
import { BulkRunner } from '../../src/operations/bulk-runner.ts';
import { newMailId, newRecord } from '../../src/record/new-record.ts';
import { bulkKey, recordKey } from '../../src/redis/keys.ts';
import { rebuildIndexes } from '../../src/search/index-rebuild.ts';
import { MailList } from '../../src/search/mail-list.ts';
import type { MailAction } from '../../src/transitions/applicable-states.ts';
import { OperationsFixture } from '../operations-fixture.ts';
import { sampleMail } from '../sample-mail.ts';

const { timings } = patientDurations();
const fixture = new OperationsFixture();
const quick = { ...timings, bulk: { ...timings.bulk, poll: 20 } };
const runners: BulkRunner[] = [];
const errors: string[] = [];
let bulks: BulkActions;
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  bulks = new BulkActions(fixture.requests);
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
  await fixture.stop();
  expect(errors.splice(0)).toEqual([]);
});

async function run(): Promise<BulkRunner> {
  const connection = await fixture.newRequestConnection(quick);
  const runner = new BulkRunner(connection, newMailId(), (subject, error) => errors.push(`${subject}: ${error.message}`));
  runners.push(runner);
  await runner.start();
  return runner;
}

async function begin(action: MailAction, scope: BulkScope, perSecond = 500): Promise<string> {
  return await bulks.start({ action, scope, by: 'anne', perSecond });
}

async function ended(id: string): Promise<BulkAction | undefined> {
  await expect.poll(async () => (await bulks.read(id))?.state).not.toBe('running');
  return await bulks.read(id);
}

const ids = (mails: readonly MailRecord[]) => mails.map(({ id }) => id);

it('changes mails that ended before it was started by the clock of Redis, also where the dashboard has a clock that is behind', async () => {
  await fixture.importedMails(5, 'failed');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  const id = await begin('retry', { filter: {} }).finally(() => vi.useRealTimers());
  await run();
  expect(await ended(id)).toMatchObject({ state: 'done', processed: 5, changed: 5 });
});

it('retries failed mails and those that were sent to some, page by page, and says how many of each and how each ended', async () => {
  const failed = await fixture.importedMails(110, 'failed');
  const partly = await fixture.partlySentMails(105);
  const whole = await fixture.importedMails(3, 'sent');
  const scope = { filter: { tag: 'welcome' } };
  const retried = { failed: 110, partlySent: 105 };
  expect(await bulks.estimate('retry', scope)).toEqual({ mails: 215, exact: true, retried });
  expect(await bulks.estimate('cancel', scope)).toEqual({ mails: 0, exact: true });
  const few = [...partly.slice(0, 2), ...failed.slice(0, 1), ...whole];
  expect(await bulks.estimate('retry', { ids: ids(few) })).toEqual({ mails: 6, exact: true, retried: { failed: 1, partlySent: 2 } });

  const id = await begin('retry', scope, 1000);
  expect(await bulks.read(id)).toMatchObject({ estimate: { mails: 215, retried } });
  await run();
  expect(await ended(id)).toMatchObject({ state: 'done', processed: 215, changed: 215 });
  expect(await fixture.states([...failed, ...partly])).toEqual({ queued: 215 });
  expect(await fixture.states(whole)).toEqual({ sent: 3 });

  // One of them is refused again.
  const [again] = await fixture.partlySentMails(1);
  await fixture.redis.hset(recordKey(again?.id as string), 'bulk', id);
  await rebuildIndexes(await fixture.newWorkerConnection(), () => undefined);
  expect(await bulks.outcome(id)).toMatchObject({ queued: 215, sent: 0, partial: 1 });
  const changed = (filter: MailFilter) => new MailList(fixture.requests).count({ bulk: id, ...filter });
  expect(await changed({ partial: true })).toEqual({ mails: 1, exact: true });
  expect(await changed({ state: ['sent'] })).toEqual({ mails: 1, exact: true });
  expect(await changed({})).toEqual({ mails: 216, exact: true });
});

it('of chosen mails retries those that were sent to some, and skips those that were sent to all', async () => {
  const [partly, whole] = [await fixture.partlySentMails(2), await fixture.importedMails(2, 'sent')];
  const id = await begin('retry', { ids: ids([...partly, ...whole]) });
  await run();
  expect(await ended(id)).toMatchObject({ processed: 4, changed: 2, unchanged: 2 });
  expect(await fixture.states([...partly, ...whole])).toEqual({ queued: 2, sent: 2 });
});

it('changes the matching mails that the action applies to, skips the others, and does not touch new ones', async () => {
  const failed = await fixture.importedMails(120, 'failed');
  const sent = await fixture.importedMails(30, 'sent');
  const others = await fixture.importedMails(5, 'failed', { tags: ['other'] });
  const id = await begin('retry', { filter: { tag: 'welcome' } });
  const later = await fixture.importedMails(5, 'failed');
  for (const mail of later) await fixture.redis.hset(recordKey(mail.id), 'endedAt', Date.now() + 60_000);
  await run();

  expect(await ended(id)).toMatchObject({
    state: 'done',
    by: 'anne',
    processed: 125,
    changed: 120,
    unchanged: 5,
    endedAt: expect.any(Number),
  });
  expect(await fixture.states(failed)).toEqual({ queued: 120 });
  const actions = await fixture.redis.hget(recordKey(failed[0]?.id as string), 'actions');
  expect(JSON.parse(actions ?? '')).toMatchObject([{ action: 'retry', who: 'anne', bulk: id }]);
  expect(await fixture.states([...others, ...later])).toEqual({ failed: 10 });
  expect(await fixture.states(sent)).toEqual({ sent: 30 });
  expect(await fixture.jobs()).toBe(120);
  await expect.poll(() => fixture.redis.keys('*{lease,running}')).toEqual([]);
});

it('changes nothing when sent mails are retried three times', async () => {
  const sent = await fixture.importedMails(150, 'sent');
  await run();
  for (let n = 0; n < 3; n++) {
    const actions: [BulkScope, number][] = [
      [{ filter: { tag: 'welcome' } }, 0],
      [{ filter: { state: ['sent'] } }, 0],
      [{ ids: ids(sent) }, 150],
    ];
    for (const [scope, processed] of actions) {
      expect(await ended(await begin('retry', scope))).toMatchObject({ state: 'done', processed, changed: 0, unchanged: processed });
    }
  }
  expect(await fixture.jobs()).toBe(0);
  expect(await fixture.states(sent)).toEqual({ sent: 150 });
});

it('runs each action on the mails of a list, and skips those that are gone or cannot be read', async () => {
  const queued = await fixture.acceptedMails(3);
  const scheduled = await fixture.acceptedMails(2, { scheduledAt: Date.now() + 3_600_000 });
  const uncertain = await fixture.importedMails(2, 'uncertain');
  for (const { id } of uncertain) {
    await fixture.redis.hset(recordKey(id), 'recipients', JSON.stringify([{ kind: 'to', state: 'pending', uncertain: true }]));
  }
  const [unreadable] = await fixture.acceptedMails(1);
  await fixture.redis.hset(recordKey(unreadable?.id ?? ''), 'envelope', 'forged');
  await run();

  const gone = { id: '00000000-0000-7000-8000-000000000000' } as MailRecord;
  const actions: [MailAction, MailRecord[], number][] = [
    ['cancel', [...queued, gone, unreadable as MailRecord], 3],
    ['sendNow', [...queued, ...scheduled], 2],
    ['delivered', uncertain.slice(0, 1), 1],
    ['sendAgain', uncertain, 1],
  ];
  for (const [action, mails, changed] of actions) {
    expect(await ended(await begin(action, { ids: ids(mails) }))).toMatchObject({ state: 'done', processed: mails.length, changed });
  }
  expect(await fixture.states(queued)).toEqual({ cancelled: 3 });
  expect(await fixture.states(scheduled)).toEqual({ queued: 2 });
  expect(await fixture.states(uncertain)).toEqual({ sent: 1, queued: 1 });
});

it('keeps to its rate, stops, and resumes where it stopped', async () => {
  // At its rate it takes eight seconds for all: however late the test is, it stops it in the midst of them.
  const failed = await fixture.importedMails(320, 'failed');
  await run();
  const began = performance.now();
  const id = await begin('retry', { filter: { state: ['failed'] } }, 40);
  await expect.poll(async () => (await bulks.read(id))?.processed).toBeGreaterThanOrEqual(20);
  expect(performance.now() - began).toBeGreaterThan(200);
  expect(await bulks.resume(id)).toBe(false);
  expect(await bulks.stop(id, 'bob')).toBe(true);
  expect(await bulks.stop(id, 'bob')).toBe(false);
  await expect.poll(() => fixture.redis.exists('{posthouse}:bulks:running')).toBe(0);
  const stopped = await bulks.read(id);
  expect(stopped).toMatchObject({ state: 'stopped', stoppedBy: 'bob', changed: stopped?.processed });
  expect(await fixture.states(failed)).toEqual({ queued: stopped?.changed, failed: 320 - (stopped?.changed ?? 0) });

  await fixture.redis.hset(bulkKey(id), 'perSecond', 2000);
  expect(await bulks.resume(id)).toBe(true);
  const done = await ended(id);
  expect(done).toMatchObject({ state: 'done', processed: 320, changed: 320 });
  expect(done?.stoppedBy).toBeUndefined();
  expect(await fixture.jobs()).toBe(320);
});

it('is run by one of several processes, and waits while Redis is down', async () => {
  const failed = await fixture.importedMails(100, 'failed');
  await run();
  await run();
  const id = await begin('retry', { filter: { state: ['failed'] } }, 200);
  await expect.poll(async () => (await bulks.read(id))?.processed).toBeGreaterThan(0);
  await fixture.server.kill('SIGKILL');
  await fixture.server.restart();
  await expect.poll(() => fixture.requests.isReady()).toBe(true);
  expect(await ended(id)).toMatchObject({ state: 'done', processed: 100, changed: 100 });
  expect(await fixture.states(failed)).toEqual({ queued: 100 });
  expect(await fixture.jobs()).toBe(100);
});

it('sends its mails after new mail, also after new mail of low priority', async () => {
  const failed = await fixture.importedMails(20, 'failed', { priority: 'high' });
  expect(await ended(await begin('retry', { ids: ids(failed) }).finally(run))).toMatchObject({ changed: 20 });
  const fresh = newRecord(newMailId(), sampleMail({ priority: 'low' }), Date.now());
  await new MailQueue(fixture.requests).accept([fresh]);
  expect(await fixture.redis.zrange('{posthouse}:mail:prioritized', '0', '0')).toEqual([fresh.id]);
});
