import { timings } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AuditFilter, AuditLog } from '../../src/accounts/audit-log.ts';
import { CursorError } from '../../src/transitions/index-walk.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(() => fixture.start());
afterEach(() => fixture.stop());

it('lists what users did, newest first, page by page', async () => {
  const log = new AuditLog(fixture.requests);
  for (let n = 1; n <= 5; n++) await log.append({ who: 'anne', role: 'operator', action: 'retry', target: `mail-${n}` });
  const first = await log.page(2);
  expect(first.entries.map(({ target }) => target)).toEqual(['mail-5', 'mail-4']);
  expect(first.entries[0]).toEqual({
    id: expect.any(String),
    at: expect.any(Number),
    who: 'anne',
    role: 'operator',
    action: 'retry',
    target: 'mail-5',
  });
  await log.append({ who: 'bob', role: 'admin', action: 'pause' });
  const second = await log.page(2, first.next);
  const third = await log.page(2, second.next);
  expect([...second.entries, ...third.entries].map(({ target }) => target)).toEqual(['mail-3', 'mail-2', 'mail-1']);
  expect(third.next).toBeUndefined();
});

it('seals a detail, and shows the entry also where that cannot be decrypted', async () => {
  const log = new AuditLog(fixture.requests);
  await log.append({ who: 'anne', role: 'operator', action: 'bulk retry', detail: 'recipient planted@example.com' });
  expect((await log.page(1)).entries[0]?.detail).toBe('recipient planted@example.com');
  expect((await fixture.redis.dumpBuffer('{posthouse}:audit')).toString('latin1')).not.toContain('planted');
  await fixture.redis.xadd('{posthouse}:audit', '*', 'who', 'bob', 'role', 'admin', 'action', 'retry', 'detail', 'forged');
  const [forged] = (await log.page(1)).entries;
  expect(forged).toMatchObject({ who: 'bob', action: 'retry' });
  expect(forged?.detail).toBeUndefined();
});

it('counts failed sign-ins with one name in one entry until the window ends, and keeps each kind and name apart', async () => {
  const user = { name: 'anne', role: 'viewer' };
  const rejected = { user, action: 'sign-in rejected', detail: '192.0.2.1' } as const;
  const failures = async (log: AuditLog) =>
    (await log.page(9, undefined, 'failed-sign-ins')).entries.map(({ who, repeats }) => [who, repeats?.count]);
  const log = new AuditLog(fixture.requests);
  await Promise.all([1, 2, 3].map(() => log.countFailedSignIn(rejected)));
  await log.countFailedSignIn({ ...rejected, user: undefined });
  await log.countFailedSignIn({ ...rejected, action: 'sign-in locked out' });
  await log.countFailedSignIn({ ...rejected, detail: '192.0.2.2' });
  expect(await failures(log)).toEqual([
    ['anne', 4],
    ['anne', 1],
    ['unknown name', 1],
  ]);
  expect((await log.page(1, undefined, 'failed-sign-ins')).entries[0]).toMatchObject({ role: 'viewer', detail: '192.0.2.2' });
  expect((await log.page(9)).entries).toEqual([]);

  // Attempts that go on are split by the window too: its length counts from the first one.
  const dashboard = { ...timings.dashboard, signInWindow: 200 };
  const later = new AuditLog(await fixture.newRequestConnection({ ...patientDurations().timings, dashboard }));
  await expect
    .poll(
      async () => {
        await later.countFailedSignIn(rejected);
        return (await failures(later)).length;
      },
      { interval: 1 },
    )
    .toBeGreaterThan(4);
});

it('rejects a forged cursor', async () => {
  for (const cursor of ['', '+', '1', '1-2 COUNT 9', 'x-y']) {
    await expect(new AuditLog(fixture.requests).page(2, cursor)).rejects.toBeInstanceOf(CursorError);
  }
});

it('filters by who, action and time, reads a bounded number of entries, and says how far it searched', async () => {
  const log = new AuditLog(fixture.requests);
  const planting = fixture.redis.pipeline();
  for (let n = 1; n <= 2100; n++)
    planting.xadd(
      '{posthouse}:audit',
      `${n}-0`,
      'who',
      n === 50 || n === 2050 ? 'anne' : 'bob',
      'role',
      'admin',
      'action',
      n % 2 === 0 ? 'retry' : 'cancel',
    );
  await planting.exec();
  const first = await log.page(5, undefined, 'users', { who: 'anne' });
  expect(first).toMatchObject({ entries: [{ at: 2050 }], next: '101-0', searchedTo: 101 });
  const second = await log.page(5, first.next, 'users', { who: 'anne' });
  expect(second.entries.map(({ at }) => at)).toEqual([50]);
  expect([second.next, second.searchedTo]).toEqual([undefined, undefined]);
  const times = async (filter: AuditFilter) => (await log.page(5, undefined, 'users', filter)).entries.map(({ at }) => at);
  expect(await times({ from: 10, to: 14 })).toEqual([14, 13, 12, 11, 10]);
  expect(await times({ from: 10, to: 14, action: 'cancel' })).toEqual([13, 11]);
});

it('sign-ins push out nothing that users changed', async () => {
  const log = new AuditLog(fixture.requests);
  await log.append({ who: 'anne', role: 'admin', action: 'change role' });
  const planting = fixture.redis.pipeline();
  for (let n = 0; n < 10_000; n++) planting.xadd('{posthouse}:audit:signed-in', '*', 'who', 'x', 'role', 'admin', 'action', 'old');
  await planting.exec();
  await log.append({ who: 'anne', role: 'admin', action: 'sign in' }, 'sign-ins');
  const [changes, signIns] = await Promise.all([log.page(5), log.page(1, undefined, 'sign-ins')]);
  expect(changes.entries).toMatchObject([{ action: 'change role' }]);
  expect(signIns.entries).toMatchObject([{ action: 'sign in' }]);
  expect(await fixture.redis.xlen('{posthouse}:audit:signed-in')).toBe(10_000);
});

it('keeps ten thousand entries and deletes the oldest', async () => {
  const planting = fixture.redis.pipeline();
  for (let n = 0; n < 10_000; n++) planting.xadd('{posthouse}:audit', '*', 'who', 'x', 'role', 'admin', 'action', 'old');
  await planting.exec();
  await new AuditLog(fixture.requests).append({ who: 'anne', role: 'admin', action: 'new' });
  expect(await fixture.redis.xlen('{posthouse}:audit')).toBe(10_000);
});
