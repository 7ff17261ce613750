import type { Role } from '@posthouse/access';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ApiKeys } from '../../src/accounts/api-keys.ts';
import { AuditLog } from '../../src/accounts/audit-log.ts';
import { UserDirectory } from '../../src/accounts/user-directory.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';
import { apiKeysKey, usersKey, usersSignedInKey } from '../../src/redis/keys.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
const by = { who: 'anne', role: 'admin' };
/** The directory does not look into a hash. */
const password = (hash: string) => ({ hash, isTemporary: false });
let users: UserDirectory;

beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  users = new UserDirectory(fixture.requests);
});
afterEach(() => fixture.stop());

it('a user is made, changed and removed, and each change is in the audit log without the hash', async () => {
  await users.create('ben', 'viewer', { hash: 'hash-1', isTemporary: true }, by);
  await users.noteSignIn('ben');
  await users.setRole('ben', 'operator', by);
  await users.setPassword('ben', password('hash-2'), { who: 'ben', role: 'operator' }, 'change password', 'hash-1');
  const { users: listed, unreadable } = await users.list();
  const signedInAt = expect.closeTo(Date.now(), -4);
  expect(listed).toMatchObject([{ name: 'ben', role: 'operator', hash: 'hash-2', isTemporary: false, createdBy: 'anne', signedInAt }]);
  expect(unreadable).toEqual([]);
  await fixture.redis.hset(usersSignedInKey, { ben: 'edited', carl: '1e20' });
  expect((await users.signIns()).size).toBe(0);
  await users.remove('ben', by);
  await fixture.redis.hdel(usersSignedInKey, 'carl');
  expect([await users.find('ben'), await users.count(), (await users.signIns()).size]).toEqual([undefined, 0, 0]);

  const { entries } = await new AuditLog(fixture.requests).page(10);
  expect(entries.reverse().map(({ who, action, target, detail }) => [who, action, target, detail])).toEqual([
    ['anne', 'create user', 'ben', 'viewer'],
    ['anne', 'change role', 'ben', 'operator, before: viewer'],
    ['ben', 'change password', 'ben', undefined],
    ['anne', 'remove user', 'ben', undefined],
  ]);
});

it('refuses what is not possible, and changes nothing', async () => {
  await users.create('ben', 'viewer', password('hash-1'), by);
  await expect(users.create('ben', 'admin', password('x'), by)).rejects.toMatchObject({ kind: 'exists' });
  await expect(users.setRole('cleo', 'admin', by)).rejects.toMatchObject({ kind: 'missing' });
  await expect(users.remove('cleo', by)).rejects.toMatchObject({ kind: 'missing' });
  // Somebody has reset the password since it was checked.
  await expect(users.setPassword('ben', password('x'), by, 'change password', 'hash-0')).rejects.toMatchObject({ kind: 'changed' });
  expect(await users.find('ben')).toMatchObject({ role: 'viewer', hash: 'hash-1' });
});

it('the last admin stays one, also when two admins remove each other at once', async () => {
  const none = new Map();
  for (const name of ['anne', 'ben']) await users.create(name, 'admin', password('x'), by);
  const results = await Promise.allSettled([users.remove('anne', by, none), users.setRole('ben', 'viewer', by, none)]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [admin = '', ...others] = (await users.list()).users.filter(({ role }) => role === 'admin').map(({ name }) => name);
  expect(others).toEqual([]);
  await users.create('cleo', 'admin', password('x'), by);
  // Cleo in the configuration hides the admin of that name.
  const configured = new Map([['cleo', { role: 'viewer' as Role }]]);
  const message = `${admin} is the last admin. First make another user an admin.`;
  for (const change of [users.remove(admin, by, configured), users.setRole(admin, 'operator', by, configured)])
    await expect(change).rejects.toMatchObject({ kind: 'last-admin', message });
  await users.remove('cleo', by, configured);
  // An admin in the configuration counts.
  await users.setRole(admin, 'operator', by, configured.set('cleo', { role: 'admin' }));
});

it('of two admins who change one user at once, one succeeds', async () => {
  await users.create('ben', 'viewer', password('x'), by);
  let conflicts = 0;
  for (let n = 0; n < 10; n++) {
    const changes = [users.setRole('ben', 'operator', by), users.setPassword('ben', password(`hash-${n}`), by, 'reset password')];
    const results = await Promise.allSettled(changes);
    for (const { reason } of results.filter((result) => result.status === 'rejected')) {
      expect(reason).toMatchObject({ kind: 'changed', message: expect.stringContaining('at the same time') });
      conflicts++;
    }
  }
  expect(conflicts).toBeGreaterThan(0);
});

it('a user who was written into Redis, or copied from another name or from API keys, is none', async () => {
  await users.create('ben', 'admin', password('x'), by);
  const entry = (await fixture.redis.hgetBuffer(usersKey, 'ben')) as Buffer;
  await fixture.redis.hset(usersKey, { anne: entry, plain: JSON.stringify({ role: 'admin', hash: 'x' }) });
  await fixture.redis.hset(apiKeysKey, 'ben', entry);
  expect([await users.find('anne'), await users.find('plain')]).toEqual([undefined, undefined]);
  expect((await users.list()).unreadable).toEqual(['anne', 'plain']);
  expect((await new ApiKeys(fixture.requests).list()).unreadable).toEqual(['ben']);
  await users.remove('anne', by);
});

it('has any valid name', async () => {
  for (const name of ['constructor', '__proto__']) await users.create(name, 'viewer', password('x'), by);
  expect((await users.list()).users.map(({ name, signedInAt }) => [name, signedInAt])).toEqual([
    ['__proto__', undefined],
    ['constructor', undefined],
  ]);
});

it('entries are sealed again with the present key, after which the old one is not needed', async () => {
  const rotated = async (secret: string) => {
    const connection = new RequestConnection(fixture.server.url, new Sealer(sealKeys(secret)), fixture.requests, () => undefined);
    await connection.start();
    await connection.whenReady();
    return { connection, users: new UserDirectory(connection), apiKeys: new ApiKeys(connection) };
  };
  const [old, present] = ['a', 'b'].map((digit) => digit.repeat(64));
  const before = await rotated(`old:${old}`);
  await before.users.create('ben', 'admin', password('hash-1'), by);
  await before.apiKeys.create('shop', { send: true, read: 'own', content: false, act: 'own', metrics: false }, by);
  const during = await rotated(`new:${present},old:${old}`);
  await during.users.create('cleo', 'viewer', password('hash-2'), by);
  await fixture.redis.hset(usersKey, 'forged', 'x');
  expect(await during.users.reseal()).toEqual({ resealed: 1, unreadable: ['forged'] });
  expect(await during.apiKeys.reseal()).toEqual({ resealed: 1, unreadable: [] });
  expect(await during.apiKeys.reseal()).toEqual({ resealed: 0, unreadable: [] });
  const after = await rotated(`new:${present}`);
  expect((await after.users.list()).users).toMatchObject([{ name: 'ben', hash: 'hash-1' }, { name: 'cleo' }]);
  expect((await after.apiKeys.list()).keys).toMatchObject([{ name: 'shop' }]);
  for (const { connection } of [before, during, after]) await connection.stop();
});
