/** The pages of users, without JavaScript: what the browser sends is what these forms send. */
import { hashPassword } from '@posthouse/access';
import { AuditLog, Sessions, UserDirectory } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cookieOf, DashboardFixture } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();
const by = { who: 'test', role: 'admin' };
const chosen = 'battery staple';
let directory: UserDirectory;
let admin: string;
/** Of `chosen`; hashing takes long. */
let hash: string;

beforeAll(async () => {
  await dashboard.start();
  directory = new UserDirectory(dashboard.connection);
  [admin, hash] = await Promise.all([dashboard.signIn('admin'), hashPassword(chosen)]);
});
afterEach(async () => {
  for (const { name } of (await directory.list()).users) await directory.remove(name, by);
});
afterAll(() => dashboard.stop());

const post = (url: string, form: Record<string, string>, cookie = admin) => dashboard.post(url, form, { cookie });
const page = async (url: string, cookie = admin) => (await dashboard.get(url, cookie)).body;
const signIn = async (name: string, password: string) => cookieOf(await dashboard.post('/login', { name, password }));
const newUser = (name: string, role: 'viewer' | 'operator' | 'admin') => directory.create(name, role, { hash, isTemporary: false }, by);
const actions = async (count: number) =>
  (await new AuditLog(dashboard.connection).page(count)).entries.map(({ who, action, target }) => `${who}: ${action} ${target}`).reverse();

it('a user gets a generated password, has to replace it, gets another role, and is removed', async () => {
  const created = await post('/users', { name: 'anne', role: 'viewer', password: '' });
  expect(created.headers['cache-control']).toBe('no-store');
  const generated = /<pre[^>]*>\s*([\w-]{20})\s*</.exec(created.body)?.[1] ?? '';
  expect(created.body).toContain('anne can sign in with it until it is replaced');
  expect(await page('/users')).toContain('not yet');

  expect(await signIn('anne', generated)).not.toBe('');
  const temporary = await signIn('anne', generated);
  expect((await dashboard.get('/mails', temporary)).headers.location).toBe('/account');
  expect(await page('/account', temporary)).toContain('Choose a password of your own');
  const changed = await post('/account/password', { current: generated, password: chosen, repeat: chosen }, temporary);
  expect(changed.headers.location).toBe('/account');
  expect(await signIn('anne', generated)).toBe('');
  const cookie = cookieOf(changed);
  expect((await dashboard.get('/mails', temporary)).headers.location).toMatch(/^\/login/);
  expect((await dashboard.get('/mails', cookie)).statusCode).toBe(200);

  expect(await page('/bulk', cookie)).not.toContain('href="/users"');
  expect((await post('/users/anne/role', { role: 'admin' })).headers.location).toBe('/users/anne');
  expect(await page('/bulk', cookie)).toContain('href="/users"');

  expect(await page('/users/anne/remove')).toContain('Remove the user anne?');
  expect((await post('/users/anne/remove', {})).headers.location).toBe('/users');
  expect((await dashboard.get('/mails', cookie)).statusCode).toBe(303);
  expect((await dashboard.get('/users/anne', admin)).statusCode).toBe(404);
  const expected = ['admin: create user anne', 'anne: change password anne', 'admin: change role anne', 'admin: remove user anne'];
  expect(await actions(4)).toEqual(expected);
});

it('a reset ends the sessions of the user; a password that an admin has set is shown nowhere', async () => {
  await newUser('ben', 'operator');
  const cookie = await signIn('ben', chosen);
  expect((await dashboard.get('/mails', cookie)).statusCode).toBe(200);
  const reset = await post('/users/ben/password', { password: 'correct battery' });
  expect(reset.headers.location).toBe('/users/ben');
  expect((await dashboard.get('/mails', cookie)).statusCode).toBe(303);
  expect(await page('/users/ben')).toContain('has to be replaced by the user');
  expect(await page('/users/ben')).not.toContain('correct battery');
  expect((await dashboard.get('/mails', await signIn('ben', 'correct battery'))).headers.location).toBe('/account');
});

it('users of DASHBOARD_USERS are read-only, and count before one in Redis', async () => {
  expect(await page('/users')).toContain('in DASHBOARD_USERS');
  expect(await page('/users/viewer')).not.toContain('action="/users/viewer/role"');
  expect((await post('/users/viewer/role', { role: 'admin' })).statusCode).toBe(404);
  expect((await post('/users', { name: 'viewer', role: 'admin', password: '' })).body).toContain('DASHBOARD_USERS has this name');
  await newUser('viewer', 'admin');
  const { body } = await dashboard.get('/users', await dashboard.signIn('admin'));
  expect(body).toContain('because DASHBOARD_USERS has their names');
  expect(await signIn('viewer', chosen)).toBe('');
  expect((await dashboard.get('/users', await dashboard.signIn('viewer'))).statusCode).toBe(403);
});

it('shows what is wrong beside the field, and changes nothing', async () => {
  const wrong = await post('/users', { name: '"ä'.repeat(100), role: 'viewer', password: 'short' });
  expect(wrong.statusCode).toBe(400);
  expect(wrong.body).toContain('1 to 64 letters');
  expect(wrong.body).toContain('A password has 12 to 256 characters.');
  expect(wrong.body).not.toContain('short');
  await newUser('cleo', 'viewer');
  expect((await post('/users', { name: 'cleo', role: 'admin', password: '' })).body).toContain('The name cleo is in use already');
  expect((await post('/users/cleo/password', { password: 'x'.repeat(257) })).statusCode).toBe(400);
  expect((await post('/users/cleo/role', { role: 'root' })).statusCode).toBe(400);
  for (const url of ['role', 'password', 'remove'])
    expect((await post(`/users/nobody/${url}`, { role: 'viewer', password: '' })).statusCode).toBe(404);
  expect(await directory.find('cleo')).toMatchObject({ role: 'viewer', hash });
});

it('the last admin stays one; without DASHBOARD_USERS those in Redis are all there are', async () => {
  const own = await dashboard.build();
  const send = (method: 'GET' | 'POST', url: string, cookie: string, form = {}) =>
    own.inject({
      ...{ method, url, payload: method === 'POST' ? new URLSearchParams(form).toString() : '' },
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    });
  expect((await send('GET', '/login', '')).body).toContain('There are no users yet');
  await newUser('anne', 'admin');
  await newUser('ben', 'operator');
  expect((await send('GET', '/login', '')).body).not.toContain('There are no users yet');
  const cookie = cookieOf(await send('POST', '/login', '', { name: 'anne', password: chosen }));
  for (const [url, form] of [
    ['/users/anne/remove', {}],
    ['/users/anne/role', { role: 'viewer' }],
  ] as const) {
    const refused = await send('POST', url, cookie, form);
    expect(refused.statusCode).toBe(409);
    expect(refused.body).toContain('anne is the last admin. First make another user an admin.');
  }
  // The other dashboard has an admin in DASHBOARD_USERS.
  expect((await post('/users/anne/role', { role: 'viewer' })).statusCode).toBe(303);
  expect((await send('GET', '/users', cookie)).statusCode).toBe(403);
  await own.close();
});

it('an admin sees all sessions and ends one, or all of a user', async () => {
  await newUser('ben', 'viewer');
  const sessions = new Sessions(dashboard.connection);
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => signIn('ben', chosen)));
  const [ended] = (await sessions.list()).filter(({ name }) => name === 'ben');
  expect(await page('/users')).toContain(`action="/sessions/${ended?.id}/end"`);
  expect((await post(`/sessions/${ended?.id}/end`, { from: '/users/ben' })).headers.location).toBe('/users/ben');
  expect((await post(`/sessions/${ended?.id}/end`, {})).statusCode).toBe(404);
  const statuses = async () =>
    (await Promise.all([first, second, third].map((cookie) => dashboard.get('/account', cookie)))).map(({ statusCode }) => statusCode);
  expect((await statuses()).sort()).toEqual([200, 200, 303]);
  expect((await post('/users/ben/sessions/end', {})).headers.location).toBe('/users/ben');
  expect(await statuses()).toEqual([303, 303, 303]);
  expect(await actions(2)).toEqual(['admin: end session ben', 'admin: end sessions ben']);
});

it('a live page of a user who is removed, or gets another role, ends', async () => {
  const url = await dashboard.listen();
  for (const change of [() => directory.setRole('ben', 'viewer', by), () => directory.remove('ben', by)]) {
    if ((await directory.find('ben')) === undefined) await newUser('ben', 'operator');
    const cookie = await signIn('ben', chosen);
    const stream = await fetch(`${url}/queue/live`, { headers: { cookie } });
    let events = '';
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (events === '') await change();
      events += chunk;
    }
    expect(events).toMatch(/event: end\ndata: signed out\n\n$/);
  }
});
