import { type Durations, retention } from '@posthouse/contract';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Sessions, sessionIdOf } from '../../src/accounts/sessions.ts';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const connection = (durations: Durations = patientDurations()) => new RequestConnection(server.url, sealer, durations, () => undefined);
let open: RequestConnection;
let sessions: Sessions;

beforeAll(async () => {
  await server.start();
  open = connection();
  sessions = new Sessions(open);
  await open.start();
  while (!(await open.isReady())) await new Promise((resolve) => setImmediate(resolve));
});
afterAll(async () => {
  await open.stop();
  await server.stop();
});

const anne = { name: 'anne', roleSource: 'users', proof: 'of her password', address: '192.0.2.7', browser: 'Firefox on Linux' } as const;

it('is found by its token until it ends', async () => {
  const token = await sessions.open(anne);
  const other = await sessions.open(anne);
  const expiresAt = expect.closeTo(Date.now() + retention.session, -4);
  expect(await sessions.find(token)).toMatchObject({ ...anne, id: sessionIdOf(token), expiresAt });
  await sessions.end(sessionIdOf(token));
  expect(await sessions.find(token)).toBeUndefined();
  expect(await sessions.find(other)).toMatchObject(anne);
  expect(await sessions.find('')).toBeUndefined();
  expect((await sessions.list()).map(({ id }) => id)).toEqual([sessionIdOf(other)]);
  await sessions.end(sessionIdOf(other));
});

it('expires, and is not listed any more', async () => {
  const brief = connection({ ...patientDurations(), retention: { ...retention, session: 300 } });
  await brief.start();
  await brief.whenReady();
  const token = await new Sessions(brief).open(anne);
  await brief.stop();
  await server.cli('PERSIST', `{posthouse}:sessions:${sessionIdOf(token)}`);
  await expect.poll(() => sessions.find(token)).toBeUndefined();
  expect(await sessions.list()).toEqual([]);
  expect(await server.cli('ZCARD', '{posthouse}:sessions')).toBe('1');
  await sessions.open(anne);
  expect(await server.cli('ZCARD', '{posthouse}:sessions')).toBe('1');
});

it('of one user there are 20; all of a user end, but for one', async () => {
  const tokens: string[] = [];
  const clock = Date.now;
  // Of a dashboard whose clock is an hour ahead.
  Date.now = () => clock() + 3_600_000;
  for (let n = 0; n < 21; n++) tokens.push(await sessions.open(anne));
  Date.now = clock;
  tokens.push(await sessions.open(anne));
  const ben = await sessions.open({ ...anne, name: 'ben' });
  const found = await Promise.all(tokens.map((token) => sessions.find(token)));
  const open = found.map((session) => session !== undefined);
  expect(open.filter(Boolean)).toHaveLength(20);
  // Of sessions of the same millisecond, none is older than the other.
  expect(open.slice(-10)).toEqual(Array(10).fill(true));
  const kept = tokens.at(-1) as string;
  expect(await sessions.endAll('anne', sessionIdOf(kept))).toBe(19);
  expect((await sessions.list()).map(({ name }) => name).sort()).toEqual(['anne', 'ben']);
  expect(await sessions.find(ben)).toBeDefined();
});

it('stores nothing in Redis that could be used to sign in, and no address', async () => {
  const token = await sessions.open(anne);
  expect(token).toMatch(/^[\w-]{43}$/);
  for (const key of (await server.cli('KEYS', '*')).split('\n')) {
    expect(key).not.toContain(token);
    const value = key.startsWith('{posthouse}:sessions:') ? await server.cli('HGETALL', key) : '';
    for (const secret of [token, anne.address, anne.proof]) expect(value).not.toContain(secret);
  }
});

it('that was written into Redis, or sealed for another token, is none', async () => {
  const token = await sessions.open(anne);
  const [own, forged] = [token, 'x'.repeat(43)].map((each) => `{posthouse}:sessions:${sessionIdOf(each)}`) as [string, string];
  await server.cli('COPY', own, forged);
  expect(await sessions.find('x'.repeat(43))).toBeUndefined();
  await server.cli('HSET', own, 'data', JSON.stringify(anne));
  expect(await sessions.find(token)).toBeUndefined();
});

it('throws QueueUnavailable when Redis is down', async () => {
  await expect(new Sessions(connection()).find('token')).rejects.toThrow(/not started/);
});
