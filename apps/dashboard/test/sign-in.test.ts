/** Signing in: sessions, redirects and rate limits. */
import { AuditLog } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

it('a sign-in is in the audit log with name and role; a rejected one is not', async () => {
  await signIn({ name: 'operator', password: 'wrong horse!' });
  const { entries } = await new AuditLog(dashboard.connection).page(1);
  await signIn({ name: 'operator', password });
  const { entries: after } = await new AuditLog(dashboard.connection).page(2);
  expect(after[1]).toEqual(entries[0]);
  expect(after[0]).toMatchObject({ who: 'operator', role: 'operator', action: 'sign in' });
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

describe('too many attempts', () => {
  // A password longer than the limit is not hashed, which keeps this test fast.
  const tryAs = (name: string, address: string) =>
    dashboard.post('/login', { name, password: 'x'.repeat(300) }, { 'x-forwarded-for': address });

  it('for one name are rejected, from any address', async () => {
    for (let n = 1; n <= 10; n += 1) expect((await tryAs('anne', `198.51.100.${n}`)).statusCode).toBe(401);
    const rejected = await tryAs('anne', '198.51.100.99');
    expect(rejected.statusCode).toBe(429);
    expect(rejected.body).toContain('Too many sign-in attempts');
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(200);
  });

  it('from one address are rejected, for any name', async () => {
    for (let n = 1; n <= 20; n += 1) expect((await tryAs(`user-${n}`, '203.0.113.1')).statusCode).toBe(401);
    expect((await tryAs('user-21', '203.0.113.1')).statusCode).toBe(429);
    expect((await tryAs('user-21', '203.0.113.2')).statusCode).toBe(401);
  });
});
