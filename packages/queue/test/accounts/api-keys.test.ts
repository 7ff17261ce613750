import { formatKeyRights, hashApiKey, parseKeyRights } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ApiKeyRegistry } from '../../src/accounts/api-key-registry.ts';
import { ApiKeys } from '../../src/accounts/api-keys.ts';
import { AuditLog } from '../../src/accounts/audit-log.ts';
import { DirectoryError } from '../../src/accounts/sealed-directory.ts';
import { apiKeysKey, auditKey } from '../../src/redis/keys.ts';
import { OperationsFixture } from '../operations-fixture.ts';

const fixture = new OperationsFixture();
const by = { who: 'anne', role: 'admin' };
const rights = parseKeyRights('send+read-own+act-own');
let apiKeys: ApiKeys;

beforeAll(() => fixture.open());
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.start();
  apiKeys = new ApiKeys(fixture.requests);
});
afterEach(() => fixture.stop());

/** A process that has just started. */
const registry = (issues: string[] = []) => new ApiKeyRegistry(fixture.requests, new Map(), (message) => issues.push(message));

it('a key is made, limited, rotated and revoked; its text is in the answer and nowhere else', async () => {
  const first = await apiKeys.create('shop', rights, by);
  expect(await registry().find(hashApiKey(first))).toEqual({ name: 'shop', rights });
  await apiKeys.limit('shop', parseKeyRights('send+from=example.com'), by);
  expect((await registry().find(hashApiKey(first)))?.rights).toEqual(parseKeyRights('send+from=example.com'));

  const second = await apiKeys.rotate('shop', 60_000, by);
  const third = await apiKeys.rotate('shop', 60_000, by);
  const found = await Promise.all([first, second, third].map(async (key) => (await registry().find(hashApiKey(key)))?.name));
  expect(found).toEqual([undefined, 'shop', 'shop']);
  const fourth = await apiKeys.rotate('shop', 0, by);
  expect(await registry().find(hashApiKey(third))).toBeUndefined();
  expect((await registry().find(hashApiKey(fourth)))?.name).toBe('shop');

  await apiKeys.revoke('shop', by);
  expect(await registry().find(hashApiKey(fourth))).toBeUndefined();
  expect(await apiKeys.list()).toEqual({ keys: [], unreadable: [] });

  const { entries } = await new AuditLog(fixture.requests).page(10);
  expect(entries.map(({ action }) => action.split(' ')[0]).reverse()).toEqual(['create', 'limit', 'rotate', 'rotate', 'rotate', 'revoke']);
  expect(entries.every(({ who, target }) => who === 'anne' && target === 'shop')).toBe(true);
  expect(entries.at(-2)?.detail).toBe(`send+from=example.com, before: ${formatKeyRights(rights)}`);

  const stored = (await fixture.redis.keys('*')).join(' ') + JSON.stringify(await fixture.redis.xrange('{posthouse}:audit', '-', '+'));
  for (const key of [first, second, third, fourth]) expect(stored).not.toContain(key);
});

it('has any valid name', async () => {
  for (const name of ['constructor', '__proto__']) await apiKeys.create(name, rights, by);
  const { keys } = await apiKeys.list();
  expect(keys.map(({ name, usedAt }) => [name, usedAt])).toEqual([
    ['__proto__', undefined],
    ['constructor', undefined],
  ]);
});

it('refuses what is not possible, and changes nothing', async () => {
  const key = await apiKeys.create('shop', rights, by);
  await expect(apiKeys.create('shop', rights, by)).rejects.toMatchObject({ name: 'DirectoryError', kind: 'exists' });
  for (const change of [apiKeys.rotate('till', 0, by), apiKeys.limit('till', rights, by), apiKeys.revoke('till', by)])
    await expect(change).rejects.toMatchObject({ kind: 'missing' });
  expect(await registry().find(hashApiKey(key))).toMatchObject({ name: 'shop' });
  await fixture.redis.hset(apiKeysKey, Object.fromEntries(Array.from({ length: limits.apiKeys }, (_, n) => [`k${n}`, 'x'])));
  await expect(apiKeys.create('one-more', rights, by)).rejects.toMatchObject({ kind: 'full' });
});

it('of two processes that rotate one key at once, one gets a key that works and the other a clear error', async () => {
  await apiKeys.create('shop', rights, by);
  let conflicts = 0;
  for (let n = 0; n < 10; n++) {
    const results = await Promise.allSettled([apiKeys.rotate('shop', 0, by), apiKeys.rotate('shop', 0, by)]);
    const texts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const error of errors) expect(error).toMatchObject({ kind: 'changed', message: expect.stringContaining('at the same time') });
    const valid = await Promise.all(texts.map(async (text) => (await registry().find(hashApiKey(text))) !== undefined));
    expect(valid.filter((isValid) => isValid)).toHaveLength(1);
    conflicts += errors.length;
  }
  expect(conflicts).toBeGreaterThan(0);
});

it('an entry that somebody writes or copies into Redis is not accepted, and the other keys still work', async () => {
  const key = await apiKeys.create('shop', rights, by);
  const forged = await apiKeys.create('other', rights, by);
  const entry = await fixture.redis.hgetBuffer(apiKeysKey, 'other');
  await fixture.redis.hset(apiKeysKey, {
    admin: entry as Buffer,
    plain: JSON.stringify({ rights: 'send', hashes: [{ hash: hashApiKey(key) }] }),
  });
  await fixture.redis.hdel(apiKeysKey, 'other');
  const issues: string[] = [];
  const fresh = registry(issues);
  expect(await fresh.find(hashApiKey(forged))).toBeUndefined();
  expect((await fresh.find(hashApiKey(key)))?.name).toBe('shop');
  expect(issues).toEqual([expect.stringContaining('admin'), expect.stringContaining('plain')]);
  await expect(apiKeys.rotate('plain', 0, by)).rejects.toBeInstanceOf(DirectoryError);
  await apiKeys.revoke('plain', by);
  expect((await apiKeys.list()).unreadable).toEqual(['admin']);
});

it('a key with a right that this version does not know is not accepted, and the other keys still work', async () => {
  const key = await apiKeys.create('shop', rights, by);
  const later = await apiKeys.create('later', rights, by);
  const stored = { rights: 'send+fly', hashes: [{ hash: hashApiKey(later) }], createdAt: 0, createdBy: 'anne' };
  await fixture.redis.hset(apiKeysKey, 'later', fixture.requests.sealer.seal(JSON.stringify(stored), 'api-key/later'));
  const issues: string[] = [];
  const fresh = registry(issues);
  expect((await fresh.find(hashApiKey(key)))?.name).toBe('shop');
  expect(await fresh.find(hashApiKey(later))).toBeUndefined();
  expect(issues).toEqual([expect.stringContaining('later')]);
  await apiKeys.limit('later', rights, by);
  expect((await registry().find(hashApiKey(later)))?.name).toBe('later');
});

it('nothing is changed that the audit log does not have', async () => {
  const key = await apiKeys.create('shop', rights, by);
  await fixture.redis.set(auditKey, 'something else');
  for (const change of [() => apiKeys.create('till', rights, by), () => apiKeys.rotate('shop', 0, by), () => apiKeys.revoke('shop', by)])
    await expect(change()).rejects.toMatchObject({ failure: 'damaged' });
  expect((await apiKeys.list()).keys.map(({ name }) => name)).toEqual(['shop']);
  expect(await registry().find(hashApiKey(key))).toBeDefined();
});

it('the overlap of a rotation goes by the clock of Redis, whatever those of the processes are', async () => {
  const [hour, overlapMs] = [3_600_000, 60_000];
  const first = await apiKeys.create('shop', rights, by);
  const withClockAhead = async <T>(work: () => Promise<T>) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour });
    return await work().finally(() => vi.useRealTimers());
  };
  await withClockAhead(() => apiKeys.rotate('shop', overlapMs, by));
  const [shop] = (await apiKeys.list()).keys;
  expect(shop?.hashes[1]?.until).toBeLessThan(Date.now() + hour);
  expect(await withClockAhead(() => registry().find(hashApiKey(first)))).toBeDefined();
});

it('every process refuses a revoked key and accepts a rotated one, by polling', async () => {
  const own = await Promise.all([1, 2].map(() => fixture.newRequestConnection()));
  const processes = own.map((connection) => new ApiKeyRegistry(connection, new Map(), () => undefined));
  const accepted = async (key: string) =>
    (await Promise.all(processes.map((each) => each.find(hashApiKey(key))))).map((found) => found !== undefined);
  await Promise.all(processes.map((each) => each.start()));
  try {
    const first = await apiKeys.create('shop', rights, by);
    await expect.poll(() => accepted(first)).toEqual([true, true]);
    const second = await apiKeys.rotate('shop', 0, by);
    await expect.poll(() => accepted(first)).toEqual([false, false]);
    expect(await accepted(second)).toEqual([true, true]);
    await apiKeys.revoke('shop', by);
    await expect.poll(() => accepted(second)).toEqual([false, false]);
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
});

it('a new key works at once, in a process that has just read the keys', async () => {
  const process = registry();
  expect(await process.find(hashApiKey('unknown'))).toBeUndefined();
  const key = await apiKeys.create('shop', rights, by);
  expect(await process.find(hashApiKey(key))).toEqual({ name: 'shop', rights });
});

it('a change is known by its number alone, also after Redis was restored from a copy', async () => {
  const key = await apiKeys.create('shop', rights, by);
  const process = registry();
  await process.start();
  try {
    expect(await process.find(hashApiKey(key))).toBeDefined();
    const copy = await fixture.redis.hgetallBuffer(apiKeysKey);
    const version = await apiKeys.version();
    await apiKeys.revoke('shop', by);
    await expect.poll(() => process.find(hashApiKey(key))).toBeUndefined();
    await fixture.redis.hset(apiKeysKey, copy);
    await fixture.redis.set(`${apiKeysKey}:version`, version);
    await expect.poll(() => process.find(hashApiKey(key))).toBeDefined();
  } finally {
    await process.stop();
  }
  const [shop] = (await apiKeys.list()).keys;
  expect(shop?.usedAt).toBeGreaterThan(Date.now() - 60_000);
});
