import { patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { NewBulkAction } from '../../src/operations/bulk-action.ts';
import { BulkActions } from '../../src/operations/bulk-actions.ts';
import { BulkRunner } from '../../src/operations/bulk-runner.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const { timings } = patientDurations();
const fixture = new OperationsFixture();
let bulks: BulkActions;
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  bulks = new BulkActions(fixture.requests);
});
afterEach(() => fixture.stop());

const action: NewBulkAction = {
  action: 'retry',
  scope: { filter: { recipient: 'planted@example.com' } },
  by: 'anne',
  perSecond: 50,
};

it('stores action and scope, bounded by the time of the request, with the address sealed', async () => {
  const began = Date.now();
  const id = await bulks.start(action);
  const bulk = await bulks.read(id);
  expect(bulk).toEqual({
    ...action,
    id,
    state: 'running',
    createdAt: expect.any(Number),
    scope: { filter: { recipient: 'planted@example.com', to: bulk?.createdAt } },
    estimate: { mails: 0, exact: true },
    processed: 0,
    changed: 0,
    unchanged: 0,
  });
  expect(bulk?.createdAt).toBeGreaterThanOrEqual(began);
  expect(await bulks.read('unknown')).toBeUndefined();
  const earlier = await bulks.start({ ...action, scope: { filter: { to: 5 } } });
  expect((await bulks.read(earlier))?.scope).toEqual({ filter: { to: 5 } });
  const narrow = await bulks.start({ ...action, action: 'cancel', scope: { filter: { state: ['sent', 'queued'] } } });
  expect((await bulks.read(narrow))?.scope).toMatchObject({ filter: { state: ['queued'] } });
  for (const key of await fixture.redis.keys('*'))
    expect((await fixture.redis.dumpBuffer(key)).toString('latin1')).not.toContain('planted');
});

it('an action that was edited is left out, and the others are listed', async () => {
  const good = await bulks.start(action);
  const edited = await bulks.start(action);
  const key = `{posthouse}:bulk:${edited}`;
  for (const [field, before] of Object.entries(await fixture.redis.hgetallBuffer(key))) {
    for (const value of ['', 'x', '{}', '[null]', 'null']) {
      await fixture.redis.hset(key, field, value);
      const ids = (await bulks.newest(10)).map(({ id }) => id);
      expect(ids, `${field}: ${value}`).toContain(good);
      if (!['scope', 'by'].includes(field) && value === 'x') expect(ids, field).not.toContain(edited);
    }
    await fixture.redis.hset(key, field, before);
  }
  expect((await bulks.newest(10)).map(({ id }) => id)).toEqual([edited, good]);
});

it('keeps the newest two hundred, newest first, and all that are running', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 204; n++) {
    ids.push(await bulks.start(action));
    if (n > 0) await fixture.redis.srem('{posthouse}:bulks:running', ids[n] as string);
  }
  expect((await bulks.newest(3)).map(({ id }) => id)).toEqual(ids.slice(-3).reverse());
  expect(await bulks.newest(300)).toHaveLength(201);
  expect(await bulks.read(ids[0] as string)).toMatchObject({ state: 'running' });
  expect(await bulks.read(ids[2] as string)).toBeUndefined();
  expect(await fixture.redis.pttl(`{posthouse}:bulk:${ids[4]}`)).toBeGreaterThan(29 * 24 * 3_600_000);
});

it('fails with the reason when its scope cannot be decrypted', async () => {
  const id = await bulks.start(action);
  await fixture.redis.hset(`{posthouse}:bulk:${id}`, 'scope', 'forged');
  const reported: string[] = [];
  const connection = await fixture.newRequestConnection({ ...timings, bulk: { ...timings.bulk, poll: 20 } });
  const runner = new BulkRunner(connection, 'worker', (subject) => reported.push(subject));
  await runner.start();
  await expect.poll(async () => (await bulks.read(id))?.state).toBe('failed');
  expect((await bulks.read(id))?.error).toMatch(/POSTHOUSE_SECRET/);
  expect(reported).toEqual([`bulk action ${id}`]);
  await runner.stop();
  await runner.stop();
  expect(await bulks.resume(id)).toBe(true);
  expect(await bulks.read(id)).toMatchObject({ state: 'running', processed: 0 });
});
