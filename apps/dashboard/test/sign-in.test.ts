/** Signing in: sessions, redirects and rate limits. */
import { timings } from '@posthouse/contract';
import { AuditLog } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignInLimiter } from '../src/sign-in/sign-in-limiter.ts';
import { DashboardFixture, password } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();

beforeAll(() => dashboard.start());
afterAll(() => dashboard.stop());

const signIn = (form: Record<string, string>, headers = {}) =>
  dashboard.post('/login', form, { 'x-forwarded-for': '192.0.2.1', ...headers });

describe('signing in', () => {
  it('sets a cookie that scripts and other sites cannot use, and that expires', async () => {
    const answer = await signIn({ name: 'viewer', password });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.cookies).toEqual([
      {
        name: 'posthouse_session',
        value: expect.stringMatching(/^[\w-]{43}$/),
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: 43_200,
      },
    ]);
  });

  it('with https, the cookie is sent over https only', async () => {
    const answer = await signIn({ name: 'viewer', password }, { 'x-forwarded-proto': 'https' });
    expect(answer.cookies[0]).toMatchObject({ secure: true });
  });

  it.each([
    ['/mails?state=failed', '/mails?state=failed'],
    ['//evil.example/x', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/x/..//evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['', '/'],
  ])('with the next page %j, redirects to %s', async (next, location) => {
    expect((await signIn({ name: 'admin', password, next }, { 'x-forwarded-for': '192.0.2.9' })).headers.location).toBe(location);
  });

  it('answers an unknown user like a wrong password', async () => {
    const wrong = await signIn({ name: 'operator', password: 'wrong horse!' });
    const unknown = await signIn({ name: 'nobody', password: 'wrong horse!' });
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    expect(wrong.body.replaceAll('operator', 'nobody')).toBe(unknown.body);
    expect(wrong.body).toContain('Wrong name or password');
    expect(wrong.cookies).toEqual([]);
  });

  it('shows input as text, never as HTML', async () => {
    const { body } = await signIn({ name: '"><script>alert(1)</script>', password: '', next: '/"><script>' });
    expect(body).toContain('value="&#34;><script>alert(1)</script>"');
    expect(body).toContain('value="/%22%3E%3Cscript%3E"');
  });
});

it('a sign-in is in the audit log with name and role; failed ones are counted in a list of their own, without what was typed', async () => {
  const log = new AuditLog(dashboard.connection);
  await dashboard.redis.cli('DEL', '{posthouse}:audit:sign-ins');
  for (const name of ['operator', 'correct horse battery', 'operator', 'nobody']) await signIn({ name, password: 'x'.repeat(300) });
  const { entries } = await log.page(1, undefined, 'sign-ins');
  await signIn({ name: 'operator', password });
  const { entries: after } = await log.page(2, undefined, 'sign-ins');
  expect(after[1]).toEqual(entries[0]);
  expect(after[0]).toMatchObject({ who: 'operator', role: 'operator', action: 'sign in' });

  const { entries: failed } = await log.page(10, undefined, 'failed-sign-ins');
  const rejected = { action: 'sign-in rejected', detail: '192.0.2.1', repeats: { count: 2, since: expect.any(Number) } };
  expect(failed).toEqual([
    { ...rejected, id: expect.any(String), at: expect.any(Number), who: 'unknown name', role: '' },
    { ...rejected, id: expect.any(String), at: expect.any(Number), who: 'operator', role: 'operator' },
  ]);
  const page = (await dashboard.get('/audit?of=failed-sign-ins', await dashboard.signIn('admin'))).body;
  expect(page).toContain(', the last of 2 since');
  expect(await dashboard.redis.cli('HGETALL', '{posthouse}:audit:sign-ins:counted')).not.toContain('battery');
});

describe('a session', () => {
  it('ends when its user signs out', async () => {
    const cookie = await dashboard.signIn('viewer');
    expect((await dashboard.get('/', cookie)).statusCode).toBe(200);
    const answer = await dashboard.post('/logout', {}, { cookie });
    expect(answer.headers.location).toBe('/login');
    expect((await dashboard.get('/', cookie)).headers.location).toBe('/login?next=%2F');
  });

  it('ends when it expires', async () => {
    const cookie = await dashboard.signIn('viewer');
    for (const key of (await dashboard.redis.cli('KEYS', '*session*')).split('\n')) await dashboard.redis.cli('PEXPIRE', key, '0');
    expect((await dashboard.get('/', cookie)).statusCode).toBe(303);
  });

  it('ends when the password changes', async () => {
    const cookie = await dashboard.signIn('viewer');
    const changed = await dashboard.build('another horse');
    expect((await changed.inject({ url: '/', headers: { cookie } })).statusCode).toBe(303);
    await changed.close();
  });
});

describe('wrong passwords', () => {
  // A password longer than the limit is not hashed, which keeps this test fast.
  const wrong = 'x'.repeat(300);
  const signInFrom = (remoteAddress: string, name: string, attempt: string, headers = {}) =>
    dashboard.app.inject({
      method: 'POST',
      url: '/login',
      remoteAddress,
      payload: new URLSearchParams({ name, password: attempt }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    });

  it.each([
    ['10.0.0.7', () => '10.0.0.7', { 'x-forwarded-for': '198.51.100.1' }],
    ['::ffff:10.0.0.8', () => '10.0.0.8', {}],
    ['2001:db8:0:7::1', (n: number) => `2001:db8:0:7:${n}::${n}`, {}],
  ])('end the attempts of one network for one name: %s, whatever X-Forwarded-For says', async (first, address, headers) => {
    for (let n = 1; n <= 10; n++) {
      expect((await signInFrom(address(n), 'operator', wrong, { 'x-forwarded-for': `192.0.2.${n}` })).statusCode).toBe(401);
    }
    const rejected = await signInFrom(first, 'operator', password, headers);
    expect(rejected.statusCode).toBe(429);
    expect(rejected.body).toContain('Too many sign-in attempts');
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(200);
    expect((await signInFrom(first, 'viewer', password)).statusCode).toBe(303);
  });

  it('of others do not keep a user out', async () => {
    for (let n = 0; n < 60; n++) expect((await signInFrom(`203.0.113.${n % 6}`, 'admin', wrong)).statusCode).toBe(401);
    expect((await signInFrom('192.0.2.77', 'admin', password)).statusCode).toBe(303);
  });

  it('behind the named proxy are counted by the address that it reports', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': `spoofed, ${address}` });
    for (let n = 1; n <= 10; n++) expect((await signInFrom('127.0.0.1', 'viewer', wrong, from('192.0.2.5'))).statusCode).toBe(401);
    expect((await signInFrom('127.0.0.1', 'viewer', password, from('192.0.2.5'))).statusCode).toBe(429);
    expect((await signInFrom('127.0.0.1', 'viewer', password, from('192.0.2.6'))).statusCode).toBe(303);
  });

  it('at once: most are refused, and one user is not kept out by another network', async () => {
    const attack = Array.from({ length: 200 }, () => signInFrom('192.0.2.200', 'admin', 'wrong horse!'));
    const [own, ...statuses] = (await Promise.all([signInFrom('192.0.2.201', 'admin', password), ...attack])).map(
      ({ statusCode }) => statusCode,
    );
    expect(own).toBe(303);
    expect(statuses.filter((status) => status === 401)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(197);
  });
});

describe('attempts in progress', () => {
  const limiter = (initial: number) => new SignInLimiter({ ...timings.dashboard, signInSlowdown: { initial, max: initial } });

  it('hash two passwords at a time, and have a limit', async () => {
    let hashing = 0;
    let most = 0;
    const pending: (() => void)[] = [];
    const verify = async () => {
      most = Math.max(most, ++hashing);
      await new Promise<void>((resolve) => pending.push(resolve));
      hashing--;
      return true;
    };
    const busy = limiter(0);
    const attempts = Array.from({ length: 50 }, (_, n) =>
      busy.attempt(`192.0.2.${n}`, 'anne', verify).catch(({ statusCode }) => statusCode),
    );
    let ended = 0;
    for (const attempt of attempts) void attempt.then(() => ended++);
    while (ended < attempts.length) {
      pending.shift()?.();
      await new Promise(setImmediate);
    }
    expect(most).toBe(2);
    const results = await Promise.all(attempts);
    expect(results.filter((result) => result === true)).toHaveLength(40);
    expect(results.filter((result) => result === 503)).toHaveLength(10);
  });

  it('are not counted when the password was correct', async () => {
    const idle = limiter(0);
    for (let n = 0; n < 30; n++) expect(await idle.attempt('192.0.2.1', 'anne', async () => true)).toBe(true);
  });

  it('wait longer with a name that has had many failures, and no other has to', async () => {
    const slow = limiter(60_000);
    for (let n = 0; n < 10; n++) await slow.attempt(`192.0.2.${n}`, 'anne', async () => false);
    const order: string[] = [];
    void slow.attempt('192.0.2.99', 'anne', async () => order.push('anne') > 0);
    await slow.attempt('192.0.2.99', 'bo', async () => order.push('bo') > 0);
    expect(order).toEqual(['bo']);
  });
});

describe('the language', () => {
  const open = (headers: Record<string, string>) => dashboard.app.inject({ url: '/login', headers });

  it.each([
    ['ko-KR,ko;q=0.9,en;q=0.8', 'ko'],
    ['fr, en;q=0.8', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ])('of a browser that accepts “%s” is %s', async (accepted, language) => {
    expect((await open({ 'accept-language': accepted })).body).toContain(`<html lang="${language}">`);
  });

  it('that a user chose is kept in a cookie and wins; the browser goes back to the page that it was on', async () => {
    const chosen = await dashboard.post('/language', { language: 'ko' }, { referer: 'http://localhost/login?next=%2Fmails' });
    expect(chosen).toMatchObject({ statusCode: 303, headers: { location: '/login?next=%2Fmails' } });
    expect(chosen.cookies).toMatchObject([{ name: 'language', value: 'ko', sameSite: 'Strict' }]);
    expect((await open({ cookie: 'language=ko', 'accept-language': 'en' })).body).toContain('<html lang="ko">');
  });

  it('that does not exist is English, and a foreign page is never gone back to', async () => {
    const chosen = await dashboard.post('/language', { language: 'xx' }, { referer: 'https://evil.example//evil.example/' });
    expect(chosen.headers.location).toBe('/');
    expect(chosen.cookies).toMatchObject([{ name: 'language', value: 'en' }]);
  });
});
