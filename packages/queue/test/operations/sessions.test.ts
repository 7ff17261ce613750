import { durations } from '@posthouse/contract';
import { RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RequestConnection } from '../../src/connection/request-connection.ts';
import { Sessions } from '../../src/operations/sessions.ts';
import { sealer } from '../sample-mail.ts';

const server = new RedisProcess();
const connection = () => new RequestConnection(server.url, sealer, durations, () => undefined);
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

const anne = { name: 'anne', proof: 'of her password' };

it('is found by its token until it is closed', async () => {
  const token = await sessions.open(anne, 60_000);
  const other = await sessions.open(anne, 60_000);
  expect(await sessions.find(token)).toEqual({ ...anne, expiresAt: expect.closeTo(Date.now() + 60_000, -4) });
  await sessions.close(token);
  expect(await sessions.find(token)).toBeUndefined();
  expect(await sessions.find(other)).toMatchObject(anne);
  expect(await sessions.find('')).toBeUndefined();
});

it('expires', async () => {
  const token = await sessions.open(anne, 100);
  await expect.poll(() => sessions.find(token)).toBeUndefined();
});

it('stores nothing in Redis that could be used to sign in', async () => {
  const token = await sessions.open(anne, 60_000);
  expect(token).toMatch(/^[\w-]{43}$/);
  for (const key of (await server.cli('KEYS', '*')).split('\n')) {
    expect(key).not.toContain(token);
    if (key.includes('session')) expect(await server.cli('GET', key)).not.toContain(token);
  }
});

it('throws QueueUnavailable when Redis is down', async () => {
  await expect(new Sessions(connection()).find('token')).rejects.toThrow(/not started/);
});
