/** `POST /v1/mails/batch` while Redis stalls: the answer says whether the batch was accepted, and repeating it is safe. */
import { randomUUID } from 'node:crypto';
import { TcpProxy } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const mails = Array.from({ length: 1000 }, (_, n) => ({ ...good, to: `a${n}@example.net` }));

const api = new ApiFixture();
let proxy: TcpProxy;
beforeAll(() =>
  api.start(async (redisUrl) => {
    proxy = new TcpProxy(Number(new URL(redisUrl).port));
    await proxy.start();
    return `redis://127.0.0.1:${proxy.port}`;
  }),
);
afterAll(async () => {
  await api.stop();
  await proxy.stop();
});

const post = (key: string) => api.post('/v1/mails/batch', { mails }, { 'idempotency-key': key });

it('says that nothing was accepted when Redis stalls before the commit, and accepts all under the same key later', async () => {
  const key = randomUUID();
  // What comes before the records, and some of the first chunk of them, has gone through.
  let ofRecords = 0;
  proxy.stallAt({ when: (piece) => piece.length > 10_000 && ++ofRecords === 2, side: 'request' });
  const refused = await api.withDeadline(() => post(key));
  proxy.resume();
  expect(refused.json()).toMatchObject({ status: 503, code: 'unavailable', detail: expect.stringContaining('Nothing was accepted') });
  await api.ready();
  expect(await api.jobs()).toBe(0);
  await expect.poll(async () => (await post(key)).statusCode).toBe(202);
  expect(await api.jobs()).toBe(1000);
});

it('says that it is not known when the reply to the commit is missing', async () => {
  const key = randomUUID();
  const before = await api.jobs();
  proxy.stallAt({ when: isCommit, side: 'reply' });
  const unknown = await api.withDeadline(() => post(key));
  proxy.resume();
  expect(unknown.json()).toMatchObject({ status: 503, detail: expect.stringContaining('not known') });
  await api.ready();
  await expect.poll(async () => (await post(key)).statusCode).toBe(202);
  expect(await api.jobs()).toBe(before + 1000);
});

/** The first script that has the batch as its only key: EVALSHA, a hash, 1, the key. */
function isCommit(piece: Buffer): boolean {
  return piece.includes('\r\n$1\r\n1\r\n') && piece.includes('{posthouse}:batch:') && piece.length < 300;
}

it('a single mail with a key needs one round trip to Redis', async () => {
  const single = () => api.post('/v1/mails', good, { 'idempotency-key': randomUUID() });
  await single();
  proxy.stallAt({ when: () => false, side: 'request' });
  expect((await single()).statusCode).toBe(202);
  // On a slow machine the clock of Redis is read once more.
  expect(proxy.seen).toBeLessThanOrEqual(2);
});
