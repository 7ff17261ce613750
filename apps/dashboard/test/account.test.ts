/** The page of the user who is signed in. */
import { hashPassword } from '@posthouse/access';
import { AuditLog, Sessions, UserDirectory } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browserName } from '../src/sign-in/browser-name.ts';
import { cookieOf, DashboardFixture } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();
const present = 'correct horse battery';
const next = '우리 동네 우체국에서 만나요';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

beforeAll(async () => {
  await dashboard.start();
  const password = { hash: await hashPassword(present), isTemporary: false };
  await new UserDirectory(dashboard.connection).create('anne', 'operator', password, { who: 'test', role: 'admin' });
});
afterAll(() => dashboard.stop());

const signIn = async (name: string, password: string, headers: Record<string, string> = {}) =>
  cookieOf(await dashboard.post('/login', { name, password }, headers));
const page = async (cookie: string) => (await dashboard.get('/account', cookie)).body;

it('shows where a password of DASHBOARD_USERS is kept, and does not change it', async () => {
  const cookie = await dashboard.signIn('viewer');
  expect(await page(cookie)).toMatch(/kept in.*DASHBOARD_USERS.*npm run users -- viewer/s);
  const form = { current: 'correct horse', password: next, repeat: next };
  expect((await dashboard.post('/account/password', form, { cookie })).statusCode).toBe(409);
});

it('a user changes the password with the present one, and the other sessions end', async () => {
  const [own, other] = [await signIn('anne', present), await signIn('anne', present)];
  const change = (form: Record<string, string>) =>
    dashboard.post('/account/password', { repeat: form['password'] ?? '', ...form }, { cookie: own });
  const rejected = [
    await change({ current: present, password: next, repeat: present }),
    await change({ current: 'not this one', password: next }),
    await change({ current: present, password: 'short' }),
    await change({ current: present, password: 'x'.repeat(257) }),
    await change({ current: present, password: present }),
  ];
  expect(rejected.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 400, 400]);
  const texts = ['Not the same as above', 'Wrong password', '12 to 256', '12 to 256', 'The same as the present password'];
  for (const [n, text] of texts.entries()) expect(rejected[n]?.body).toContain(text);

  const changed = await change({ current: present, password: next });
  expect([changed.statusCode, changed.headers.location]).toEqual([303, '/account']);
  for (const cookie of [own, other]) expect((await dashboard.get('/account', cookie)).statusCode).toBe(303);
  const fresh = cookieOf(changed);
  expect(await page(fresh)).toContain('The password is changed.');
  expect(await signIn('anne', present)).toBe('');
  expect(await signIn('anne', next.normalize('NFD'))).not.toBe('');
});

it('wrong present passwords count with those of the sign-in', async () => {
  const cookie = await signIn('anne', next, { 'x-forwarded-for': '192.0.2.50' });
  const from = { cookie, 'x-forwarded-for': '192.0.2.51' };
  const form = { current: 'x'.repeat(300), password: next, repeat: next };
  for (let n = 0; n < 10; n++) expect((await dashboard.post('/account/password', form, from)).statusCode).toBe(400);
  expect((await dashboard.post('/account/password', form, from)).statusCode).toBe(429);
  expect((await dashboard.post('/login', { name: 'anne', password: next }, from)).statusCode).toBe(429);
  const [locked, rejected] = (await new AuditLog(dashboard.connection).page(2, undefined, 'failed-sign-ins')).entries;
  expect(locked).toMatchObject({ who: 'anne', action: 'sign-in locked out', detail: '192.0.2.51' });
  expect(rejected).toMatchObject({ who: 'anne', action: 'password change rejected', repeats: { count: 11 } });
});

it('sessions have their time, address and browser, and a user ends only own ones', async () => {
  const cookie = await signIn('anne', next, { 'x-forwarded-for': '192.0.2.60', 'user-agent': firefox });
  const other = await signIn('anne', next);
  const viewer = await dashboard.signIn('viewer');
  const shown = await page(other);
  for (const text of ['192.0.2.60', 'Firefox on Linux', 'This session', 'End all others']) expect(shown).toContain(text);
  expect(await page(viewer)).not.toContain('192.0.2.60');

  const session = (await new Sessions(dashboard.connection).list()).find(({ address }) => address === '192.0.2.60');
  const end = `/sessions/${session?.id}/end`;
  expect((await dashboard.post(end, { from: '/account' }, { cookie: viewer })).statusCode).toBe(404);
  expect((await dashboard.get('/account', cookie)).statusCode).toBe(200);
  expect((await dashboard.post(end, { from: '//evil.example' }, { cookie: other })).headers.location).toBe('/');
  expect((await dashboard.get('/account', cookie)).statusCode).toBe(303);

  const third = await signIn('anne', next);
  expect((await dashboard.post('/account/sessions/end', {}, { cookie: other })).headers.location).toBe('/account');
  expect((await dashboard.get('/account', third)).statusCode).toBe(303);
  expect((await dashboard.get('/account', other)).statusCode).toBe(200);
});

it.each([
  [firefox, 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1',
    'Chrome on iOS',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
    'Samsung Internet on Android',
  ],
  ['<script>alert(1)</script>', 'Unknown browser'],
  [undefined, 'Unknown browser'],
])('of %s only the name of the browser is kept', (userAgent, name) => expect(browserName(userAgent)).toBe(name));
