/** API keys in Redis: what the API knows of their changes, and when. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiKey, parseKeyRights } from '@posthouse/access';
import { ApiKeys } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
const by = { who: 'anne', role: 'admin' };
const rights = parseKeyRights('send+read-own+act-own');
let apiKeys: ApiKeys;

beforeAll(async () => {
  // In production the API learns about a change within 2 s.
  api.timings.apiKeys = { ...api.timings.apiKeys, confirmed: 50 };
  await api.start();
  apiKeys = new ApiKeys(api.connection);
});
afterAll(() => api.stop());

async function status(key: string, url = '/v1/templates'): Promise<number> {
  return (await api.app.inject({ url, headers: { authorization: `Bearer ${key}` } })).statusCode;
}

async function created(name: string): Promise<string> {
  const key = await apiKeys.create(name, rights, by);
  await expect.poll(() => status(key)).toBe(200);
  return key;
}

it('a key is accepted and refused without a restart; a rotated one works with both texts, and its mails stay its own', async () => {
  const first = await created('shop');
  const headers = { authorization: `Bearer ${first}` };
  const { id } = (await api.post('/v1/mails', good, headers)).json();
  const second = await apiKeys.rotate('shop', 60_000, by);
  await expect.poll(() => status(second, `/v1/mails/${id}`)).toBe(200);
  expect(await status(first, `/v1/mails/${id}`)).toBe(200);
  const third = await apiKeys.rotate('shop', 0, by);
  await expect.poll(() => status(first)).toBe(401);
  expect(await status(second)).toBe(401);
  expect(await status(third, `/v1/mails/${id}`)).toBe(200);
  await apiKeys.limit('shop', parseKeyRights('send'), by);
  await expect.poll(() => status(third, `/v1/mails/${id}`)).toBe(403);
  await apiKeys.revoke('shop', by);
  await expect.poll(() => status(third)).toBe(401);
});

it('the overlap of a rotation ends', async () => {
  const first = await created('short');
  await apiKeys.rotate('short', 1, by);
  await expect.poll(() => status(first)).toBe(401);
});

describe('refused', () => {
  it('what is forged, cut off, mistyped, of another installation, or no key', async () => {
    const key = await created('till');
    const changed = key.slice(0, 20) + (key[20] === 'a' ? 'b' : 'a') + key.slice(21);
    for (const text of [
      createApiKey(),
      changed,
      key.slice(0, -1),
      `${key}0`,
      key.toLowerCase(),
      key.slice(3),
      'ph_',
      '{posthouse}',
      'a'.repeat(256),
    ]) {
      expect(await status(text)).toBe(401);
    }
    expect(await status(key)).toBe(200);
  });

  it('a batch whose key is revoked while its body arrives: nothing of it is accepted', async () => {
    const key = await created('batch');
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', expect: '100-continue' };
    const sending = httpRequest({ port, method: 'POST', path: '/v1/mails/batch', headers });
    sending.flushHeaders();
    await once(sending, 'continue');
    sending.write('{"mails":[');
    const before = await api.jobs();
    await apiKeys.revoke('batch', by);
    await expect.poll(() => status(key)).toBe(401);
    sending.end(`${JSON.stringify(good)}]}`);
    const [response] = await once(sending, 'response');
    expect(response.statusCode).toBe(401);
    response.resume();
    expect(await api.jobs()).toBe(before);
  });
});

it('without Redis a key that only Redis knows is neither accepted nor refused', async () => {
  const key = await created('away');
  await api.redis.stop();
  await expect.poll(() => status(key)).toBe(503);
  expect(await status(createApiKey())).toBe(503);
  expect((await api.get('/v1/templates')).statusCode).toBe(200);
});
