/** The pages of API keys, without JavaScript: what the browser sends is what these forms send. */
import { hashApiKey, parseKeyRights } from '@posthouse/access';
import { ApiKeyRegistry, ApiKeys, AuditLog } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();
let admin: string;
let operator: string;

beforeAll(async () => {
  await dashboard.start();
  [admin, operator] = await Promise.all([dashboard.signIn('admin'), dashboard.signIn('operator')]);
});
afterAll(() => dashboard.stop());

const post = (url: string, form: Record<string, string>) => dashboard.post(url, form, { cookie: admin });
const keyIn = (page: string) => /ph_[0-9A-Za-z]{49}/.exec(page)?.[0];

/** What an API process that has just started accepts. */
async function accepted(key: string | undefined) {
  return await new ApiKeyRegistry(dashboard.connection, new Map(), () => undefined).find(hashApiKey(key ?? ''));
}

it('makes, limits, rotates and revokes a key; its text is on one page only, which is not kept', async () => {
  const created = await post('/keys', { name: 'shop', rights: 'send + read-own' });
  const first = keyIn(created.body);
  expect(created.headers['cache-control']).toBe('no-store');
  expect(await accepted(first)).toEqual({ name: 'shop', rights: parseKeyRights('send+read-own') });

  expect((await post('/keys/shop/rights', { rights: 'send+from=example.com' })).headers.location).toBe('/keys/shop');
  const page = (await dashboard.get('/keys/shop', admin)).body;
  expect(page).toContain('value="send+from=example.com"');

  const rotated = await post('/keys/shop/rotate', { overlap: '1h' });
  const second = keyIn(rotated.body);
  expect([(await accepted(first))?.name, (await accepted(second))?.name]).toEqual(['shop', 'shop']);
  expect((await dashboard.get('/keys/shop', admin)).body).toContain('The previous key ends');
  for (const url of ['/keys', '/keys/shop', '/keys/shop/revoke', '/audit'])
    expect(keyIn((await dashboard.get(url, admin)).body)).toBeUndefined();

  expect((await dashboard.get('/keys/shop/revoke', admin)).body).toContain('Revoke the API key shop?');
  expect((await post('/keys/shop/revoke', {})).headers.location).toBe('/keys');
  expect(await accepted(second)).toBeUndefined();
  const { entries } = await new AuditLog(dashboard.connection).page(4);
  expect(entries.map(({ who, action }) => `${who}: ${action}`).reverse()).toEqual([
    'admin: create API key',
    'admin: limit API key',
    'admin: rotate API key',
    'admin: revoke API key',
  ]);
});

it('shows what is wrong beside the field, and changes nothing', async () => {
  const wrong = await post('/keys', { name: '"x', rights: 'read-own+read-all' });
  expect(wrong.statusCode).toBe(400);
  expect(wrong.body).toContain('state one of them');
  expect(wrong.body).toContain('value="&#34;x"');
  await post('/keys', { name: 'till', rights: 'send' });
  expect((await post('/keys', { name: 'till', rights: 'send' })).body).toContain('The name till is in use already');
  expect((await post('/keys/till/rights', { rights: 'everything' })).statusCode).toBe(400);
  expect((await post('/keys/till/rotate', { overlap: '100y' })).statusCode).toBe(400);
  expect((await post('/keys/nobody/rotate', { overlap: '0' })).statusCode).toBe(404);
  expect((await dashboard.get('/keys/nobody', admin)).statusCode).toBe(404);
  expect((await new ApiKeys(dashboard.connection).list()).keys).toMatchObject([{ name: 'till', rights: parseKeyRights('send') }]);
});

it('is in the menu of admins only', async () => {
  expect((await dashboard.get('/', operator)).body).not.toContain('href="/keys"');
  expect((await dashboard.get('/', admin)).body).toContain('href="/keys"');
});
