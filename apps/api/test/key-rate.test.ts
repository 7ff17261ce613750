/** The rate of an API key, by the clock of a real Redis: rates are so low that nothing becomes free again during a test. */
import { createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

let keys = 0;

/** Sends with a new key of this rate. */
function sender(rate: string) {
  const key = createApiKey();
  api.keys.set(hashApiKey(key), { name: `key-${keys++}`, rights: parseKeyRights(`send+rate=${rate}`) });
  const headers = (idempotencyKey?: string) => ({
    authorization: `Bearer ${key}`,
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  });
  return {
    one: (idempotencyKey?: string, mail: object = good) => api.post('/v1/mails', mail, headers(idempotencyKey)),
    batch: (mails: number, idempotencyKey?: string) =>
      api.post('/v1/mails/batch', { mails: Array.from({ length: mails }, () => good) }, headers(idempotencyKey)),
  };
}

/** The header names what is left, and in how many seconds all of it is: fewer than at first, by the time that the test has taken. */
function expectWindow(header: unknown, left: number, seconds: number): void {
  const [, remaining, window] = /^"mails";r=(\d+);t=(\d+)$/.exec(String(header)) ?? [];
  expect(Number(remaining)).toBe(left);
  expect(Number(window)).toBeLessThanOrEqual(seconds);
  expect(Number(window)).toBeGreaterThan(seconds - 180);
}

it.each([undefined, 'k'])('takes a period at once, weighs batches, and refuses the rest; Idempotency-Key %s', async (prefix) => {
  const send = sender('10/h');
  const id = (n: number) => prefix && `${prefix}${n}`;
  const first = await send.one(id(1));
  expect(first.statusCode).toBe(202);
  expect(first.headers).toMatchObject({ 'ratelimit-policy': '"mails";q=10;w=3600', ratelimit: '"mails";r=9;t=360' });
  const batch = await send.batch(8, id(2));
  expect(batch.statusCode).toBe(202);
  expectWindow(batch.headers['ratelimit'], 1, 3240);
  const jobs = await api.jobs();
  const refused = await send.batch(2, id(3));
  expect(refused.json()).toMatchObject({
    status: 429,
    code: 'rate-limited',
    detail: expect.stringContaining('(mails: 2) after Retry-After'),
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(180);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(360);
  expectWindow(refused.headers['ratelimit'], 1, 3240);
  expect(await api.jobs()).toBe(jobs);
  expect((await send.one(id(4))).statusCode).toBe(202);
  expect((await send.one(id(5))).statusCode).toBe(429);
});

it('a batch larger than a period is accepted where nothing is used up, and the next mails wait for it', async () => {
  const send = sender('3/h');
  expect((await send.batch(6)).statusCode).toBe(202);
  const next = await send.one();
  expect(next.statusCode).toBe(429);
  expect(Number(next.headers['retry-after'])).toBeGreaterThan(4600);
  const busy = sender('3/h');
  await busy.one();
  expect((await busy.batch(6)).statusCode).toBe(429);
});

it('a repeated request, an invalid mail and a refused one take nothing', async () => {
  const send = sender('2/h');
  expect((await send.one('a')).statusCode).toBe(202);
  for (let n = 0; n < 3; n++) {
    const replay = await send.one('a');
    expect([replay.statusCode, replay.headers['idempotent-replayed']]).toEqual([202, 'true']);
    expect(replay.headers).not.toHaveProperty('ratelimit');
    expect((await send.one(undefined, { ...good, template: 'none' })).statusCode).toBe(422);
    expect((await send.batch(2, 'b')).statusCode).toBe(429);
  }
  expect((await send.one('c')).headers['ratelimit']).toMatch(/r=0/);
});

it('becomes free again with time', async () => {
  const send = sender('20/s');
  expect((await send.batch(20)).statusCode).toBe(202);
  await expect.poll(async () => (await send.one()).statusCode).toBe(202);
});

it('keys without a rate have no headers and nothing in Redis; a rate is kept no longer than it is used', async () => {
  await sender('5/s').one();
  expect((await api.post('/v1/mails', good)).headers).not.toHaveProperty('ratelimit');
  expect(await api.redis.cli('EXISTS', '{posthouse}:key-rate:signup-service')).toBe('0');
  expect(Number(await api.redis.cli('PTTL', '{posthouse}:key-rate:key-0'))).toBeLessThanOrEqual(3_600_001);
});

it('without Redis it is 503, never a free pass', async () => {
  const send = sender('1/h');
  await api.redis.stop();
  for (const idempotencyKey of [undefined, 'x']) expect((await send.one(idempotencyKey)).statusCode).toBe(503);
});
