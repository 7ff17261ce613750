/** Access control: the hook that runs before every route. */
import { type Role, roles } from '@posthouse/access';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardFixture, password } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();
const cookies = new Map<Role, string>();

beforeAll(async () => {
  await dashboard.start();
  // Routes that do not check sessions or origins themselves.
  dashboard.app.get('/for/viewer', () => 'seen');
  dashboard.app.post('/for/viewer', () => 'done');
  for (const role of ['operator', 'admin'] as const) {
    dashboard.app.get(`/for/${role}`, { config: { role } }, () => 'seen');
    dashboard.app.post(`/for/${role}`, { config: { role } }, () => 'done');
  }
  for (const role of roles) cookies.set(role, await dashboard.signIn(role));
});
afterAll(() => dashboard.stop());

describe('without a session', () => {
  it.each(['/', '/for/viewer?a=1&b=2', '/for/admin', '/there/is/no/such/page'])('%s redirects to the sign-in and back', async (url) => {
    const answer = await dashboard.get(url);
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(`/login?next=${encodeURIComponent(url)}`);
  });

  it.each(['x', 'a'.repeat(43), 'a'.repeat(5000)])('a forged token is rejected', async (token) => {
    expect((await dashboard.get('/', `posthouse_session=${token}`)).statusCode).toBe(303);
  });

  it('nothing can be changed', async () => {
    const answer = await dashboard.post('/for/viewer', {});
    expect(answer.headers.location).toBe('/login?next=%2F');
    expect(answer.body).not.toContain('done');
  });

  it('a request by htmx redirects the whole page to the sign-in', async () => {
    const answer = await dashboard.get('/for/viewer', '', {
      'hx-request': 'true',
      'hx-current-url': 'http://localhost/mails?state=failed',
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['hx-redirect']).toBe('/login?next=%2Fmails%3Fstate%3Dfailed');
  });

  it.each(['/login', '/livez', '/readyz', '/assets/dashboard.css', '/assets/htmx.js', '/assets/uplot.css'])(
    '%s needs no sign-in',
    async (url) => {
      expect((await dashboard.get(url)).statusCode).toBe(200);
    },
  );

  it.each(['/assets/../src/main.ts', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e/package.json'])('%s serves no file', async (url) => {
    const answer = await dashboard.get(url);
    expect(answer.statusCode).toBeGreaterThan(300);
    expect(answer.body).not.toContain('@posthouse');
  });
});

describe('with a role', () => {
  const may: Record<Role, number[]> = { viewer: [200, 403, 403], operator: [200, 200, 403], admin: [200, 200, 200] };

  it.each(roles)('a %s reads and changes what the role allows', async (role) => {
    const headers = { cookie: cookies.get(role) ?? '' };
    const seen = await Promise.all(roles.map((needed) => dashboard.get(`/for/${needed}`, headers.cookie)));
    const done = await Promise.all(roles.map((needed) => dashboard.post(`/for/${needed}`, {}, headers)));
    expect(seen.map(({ statusCode }) => statusCode)).toEqual(may[role]);
    expect(done.map(({ statusCode }) => statusCode)).toEqual(may[role]);
  });

  it('shows which role is required', async () => {
    const { body } = await dashboard.get('/for/admin', cookies.get('viewer'));
    expect(body).toContain('This requires the role admin');
    expect(body).toContain('You are signed in as viewer with the role viewer.');
  });

  const name = 'admin';
  const forAdmins = [
    '/users',
    `/users/${name}`,
    `/users/${name}/remove`,
    '/keys',
    `/keys/${name}`,
    `/keys/${name}/revoke`,
    '/audit',
    '/queue/board',
  ];
  const adminChanges = [
    ...['/users', `/users/${name}/role`, `/users/${name}/password`, `/users/${name}/remove`, `/users/${name}/sessions/end`],
    ...['/keys', `/keys/${name}/rights`, `/keys/${name}/rotate`, `/keys/${name}/revoke`],
  ];
  const ownChanges = ['/account/password', '/account/sessions/end', '/sessions/none/end'];

  it.each(['viewer', 'operator'] as const)('a %s sees and changes nothing of users, API keys and the audit log', async (role) => {
    const cookie = cookies.get(role) ?? '';
    for (const url of forAdmins) expect((await dashboard.get(url, cookie)).statusCode, url).toBe(403);
    for (const url of adminChanges) expect((await dashboard.post(url, {}, { cookie })).statusCode, url).toBe(403);
    expect((await dashboard.get('/account', cookie)).statusCode).toBe(200);
    // Reached, and refused for another reason: this user is in DASHBOARD_USERS, and there is no such session.
    expect((await dashboard.post('/account/password', {}, { cookie })).statusCode).toBe(409);
    expect((await dashboard.post('/sessions/none/end', {}, { cookie })).statusCode).toBe(404);
  });

  it('nobody changes a user, a key or a session without signing in, or from another site', async () => {
    const cookie = cookies.get('admin') ?? '';
    for (const url of [...adminChanges, ...ownChanges]) {
      expect((await dashboard.post(url, {})).headers.location, url).toBe('/login?next=%2F');
      expect((await dashboard.post(url, {}, { cookie, 'sec-fetch-site': 'cross-site' })).statusCode, url).toBe(403);
    }
    for (const url of [...forAdmins, '/account']) expect((await dashboard.get(url)).statusCode, url).toBe(303);
  });

  it('links the audit log for admins only', async () => {
    expect((await dashboard.get('/', cookies.get('operator'))).body).not.toContain('href="/audit"');
    expect((await dashboard.get('/', cookies.get('admin'))).body).toContain('href="/audit"');
  });
});

describe('a change', () => {
  const change = (headers: Record<string, string>, url = '/for/operator', form = {}) =>
    dashboard.app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(form).toString(),
      headers: {
        host: 'posthouse.example:3001',
        cookie: cookies.get('operator') ?? '',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    });

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ origin: 'http://posthouse.example:3001' }],
    [{ origin: 'https://posthouse.example:3001', 'x-forwarded-proto': 'https' }],
  ])('from %j is accepted', async (headers) => {
    expect((await change(headers)).statusCode).toBe(200);
  });

  it.each([
    [{}],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://posthouse.example:3001' }],
    [{ origin: 'http://evil.example' }],
    [{ origin: 'http://posthouse.example' }],
    [{ origin: 'null' }],
  ])('from %j is rejected', async (headers) => {
    const answer = await change(headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Request from another site');
  });

  it('a sign-in from another site is rejected, too', async () => {
    const answer = await change({ 'sec-fetch-site': 'cross-site' }, '/login', { name: 'viewer', password });
    expect(answer.statusCode).toBe(403);
    expect(answer.cookies).toEqual([]);
  });

  it('that is not a form is rejected', async () => {
    const answer = await change({ 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(415);
  });

  it('that is too large is rejected', async () => {
    const answer = await change({ 'sec-fetch-site': 'same-origin' }, '/for/operator', { ids: 'x'.repeat(70_000) });
    expect(answer.statusCode).toBe(413);
  });
});

describe('every answer', () => {
  it.each(['/', '/login', '/nothing', '/assets/zone.js'])('%s lets only our own files run', async (url) => {
    const { headers, body } = await dashboard.get(url, cookies.get('viewer'));
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(body).not.toMatch(/<style|<script(?! src)|\sstyle=|\son\w+=/);
  });

  it('is never cached', async () => {
    expect((await dashboard.get('/', cookies.get('viewer'))).headers['cache-control']).toBe('no-store');
  });
});

describe('while Redis is down', () => {
  beforeAll(() => dashboard.redis.kill('SIGKILL'));

  it('says so on every page and at the sign-in', async () => {
    await expect.poll(() => dashboard.connection.isReady()).toBe(false);
    const page = await dashboard.get('/', cookies.get('viewer'));
    const signIn = await dashboard.post('/login', { name: 'viewer', password });
    for (const { statusCode, body, headers } of [page, signIn]) {
      expect(statusCode).toBe(503);
      expect(body).toContain('Redis cannot be reached');
      expect(headers['retry-after']).toBe('5');
    }
    expect((await dashboard.get('/login')).statusCode).toBe(200);
    expect((await dashboard.get('/livez')).statusCode).toBe(200);
    expect((await dashboard.get('/readyz')).statusCode).toBe(503);
  });
});
