import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
const ids: string[] = [];

beforeAll(async () => {
  await api.start();
  for (const [to, tags] of [
    ['anne@example.net', ['vip']],
    ['berta@example.org', ['vip']],
    ['carl@example.org', []],
  ] as const) {
    ids.push((await api.post('/v1/mails', { ...good, to, tags })).json().id);
  }
});
afterAll(() => api.stop());

async function found(query: string): Promise<string[]> {
  const response = await api.get(`/v1/mails?${query}`);
  expect(response.statusCode).toBe(200);
  return response.json().mails.map(({ id }: { id: string }) => id);
}

it('lists mails newest first, by any filter', async () => {
  const [anne, berta, carl] = ids as [string, string, string];
  expect(await found('')).toEqual([carl, berta, anne]);
  expect(await found('recipient=anne@example.net')).toEqual([anne]);
  expect(await found('recipient=example.org&tag=vip&state=queued,failed')).toEqual([berta]);
  expect(await found('state=failed&state=sent')).toEqual([]);
  const [mail] = (await api.get('/v1/mails?tag=vip&limit=1')).json().mails;
  expect(mail).toMatchObject({
    id: berta,
    state: 'queued',
    template: 'signup',
    tags: ['vip'],
    recipients: [{ address: 'berta@example.org', state: 'pending' }],
  });
  expect(mail).not.toHaveProperty('content');
});

it('continues with a cursor up to the last page', async () => {
  const first = (await api.get('/v1/mails?limit=2')).json();
  expect(first.mails).toHaveLength(2);
  const second = (await api.get(`/v1/mails?limit=2&cursor=${first.next}`)).json();
  expect(second.mails.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
  expect(second).not.toHaveProperty('next');
});

it.each([
  ['state=lost', '/state'],
  ['from=yesterday', '/from'],
  ['recipient=a,b', '/recipient'],
  ['reason=mailbox+full', '/reason'],
  ['error=550+5.1.1', '/error'],
  ['limit=1000', '/limit'],
  ['cursor=forged', '/cursor'],
  ['colour=red', '/colour'],
])('rejects an invalid query with a pointer: %s', async (query, pointer) => {
  const response = await api.get(`/v1/mails?${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json().issues).toMatchObject([{ pointer }]);
});

it('requires an API key', async () => {
  expect((await api.app.inject({ url: '/v1/mails' })).statusCode).toBe(401);
});
