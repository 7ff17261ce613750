/** Single sign-on with a provider that answers wrongly, and with browsers that repeat and mix up what it answered. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { timings } from '@posthouse/contract';
import { CertificateAuthority } from '@posthouse/devkit';
import { AuditLog, importRecords, unknownUser } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OidcSettings } from '../src/sign-in/oidc-settings.ts';
import { DashboardFixture, password } from './dashboard-fixture.ts';
import { queued } from './sample-records.ts';
import { clientSecret, oidcSettings, ScriptedProvider } from './scripted-provider.ts';

const dashboard = new DashboardFixture();
const logged: string[] = [];
let ca: CertificateAuthority;
let provider: ScriptedProvider;
let settings: OidcSettings;

beforeAll(async () => {
  ca = await CertificateAuthority.create();
  provider = await ScriptedProvider.start(ca);
  settings = oidcSettings({ OIDC_ISSUER: provider.issuer }, ca);
  await dashboard.start(settings, recorder());
});
beforeEach(() => {
  provider.answers.clear();
  logged.length = 0;
});
afterAll(async () => {
  await dashboard.stop();
  await provider.stop();
});

/** A logger that keeps what it is given, of every level. */
function recorder(): Logger {
  const keep = (...values: unknown[]) => void logged.push(JSON.stringify(values));
  const log = {
    level: 'trace',
    fatal: keep,
    error: keep,
    warn: keep,
    info: keep,
    debug: keep,
    trace: keep,
    silent: keep,
    child: () => log,
  };
  return log as unknown as Logger;
}

/** A sign-in that a browser has started. */
interface StartedSignIn {
  cookie: string;
  state: string;
}

/** Begins a sign-in. The provider's next ID token has its nonce. */
async function begin(next = '/mails?state=failed'): Promise<StartedSignIn> {
  const answer = await dashboard.get(`/login/oidc?next=${encodeURIComponent(next)}`);
  const { searchParams } = new URL(String(answer.headers.location));
  provider.nonce = searchParams.get('nonce') ?? '';
  return { cookie: cookieOf(answer), state: searchParams.get('state') ?? '' };
}

const cookieOf = ({ cookies }: LightMyRequestResponse) => cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

const finish = ({ cookie, state }: StartedSignIn, query = 'code=planted-code') =>
  dashboard.get(`/login/oidc/callback?state=${state}&${query}`, cookie, { 'sec-fetch-site': 'cross-site' });

/** That nobody is signed in, that the page says why, and that the log has the reason and nothing that the provider or the browser sent. */
function expectRefusal(answer: LightMyRequestResponse, reason: string, title: string, status: number): void {
  expect(logged.join()).toContain(`"reason":"${reason}"`);
  expect(answer.statusCode).toBe(status);
  expect(answer.body).toContain(`<b>${title}</b>`);
  expect(answer.body).toContain('action="/login"');
  expect(cookieOf(answer)).not.toContain('posthouse_session');
  expect(logged.join()).not.toMatch(/planted|eyJ|anne|248289/);
  expect(answer.body).not.toContain('planted');
}

describe('a sign-in', () => {
  it('asks the provider with PKCE, state and nonce, is in the audit log, and ends', async () => {
    const redirect = await dashboard.get('/login/oidc?next=/audit');
    expect(redirect.statusCode).toBe(303);
    const requested = Object.fromEntries(new URL(String(redirect.headers.location)).searchParams);
    const random = expect.stringMatching(/^[\w-]{43}$/);
    expect(requested).toEqual({
      client_id: 'posthouse',
      response_type: 'code',
      redirect_uri: 'http://localhost/login/oidc/callback',
      scope: 'openid profile groups',
      state: random,
      nonce: random,
      code_challenge: random,
      code_challenge_method: 'S256',
    });
    expect(redirect.cookies).toMatchObject([
      { path: '/login/oidc', httpOnly: true, sameSite: 'Lax', maxAge: timings.dashboard.oidc.signIn / 1000 },
    ]);

    const started = await begin('/audit');
    await provider.issue({ groups: ['staff', 'support', 'posthouse-admins'] });
    const answer = await finish(started);
    expect(answer.body).toContain('content="0;url=/audit"');
    const basic = Buffer.from(`posthouse:${encodeURIComponent(clientSecret).replaceAll('-', '%2D')}`).toString('base64');
    expect(provider.authorization).toBe(`Basic ${basic}`);
    expect(provider.fields).toMatchObject({ code: 'planted-code', redirect_uri: requested['redirect_uri'], code_verifier: random });
    const audit = await dashboard.get('/audit?of=sign-ins', cookieOf(answer));
    expect(audit.body).toContain('<b>oidc:anne</b>');
    expect(audit.body).toContain('OpenID Connect, sub 248289');

    await dashboard
      .post('/logout', {}, { cookie: cookieOf(answer) })
      .then(({ headers }) => expect(headers.location).toBe('/login/oidc/signed-out'));
    expect((await dashboard.get('/audit', cookieOf(answer))).statusCode).toBe(303);
  });

  it('gives a session with the role of the sign-in until the settings change, and Redis gets no token and no code', async () => {
    const started = await begin();
    await provider.issue();
    const answer = await finish(started);
    const cookie = cookieOf(answer);
    expect((await dashboard.get('/audit', cookie)).statusCode).toBe(403);
    expect((await dashboard.get('/account', cookie)).body).toContain('at the provider of single sign-on, which keeps your password');
    expect((await dashboard.post('/account/password', {}, { cookie })).statusCode).toBe(409);
    const mail = queued();
    await importRecords(dashboard.connection, [mail]);
    await dashboard.post(`/mails/${mail.id}/actions`, { action: 'cancel' }, { cookie });
    expect((await dashboard.get(`/mails/${mail.id}`, cookie)).body).toContain('oidc:anne');
    const changed = await dashboard.build(password, { ...settings, roles: new Map() });
    expect((await changed.inject({ url: '/', headers: { cookie } })).statusCode).toBe(303);
    await changed.close();

    const [, dir = ''] = (await dashboard.redis.cli('CONFIG', 'GET', 'dir')).split('\n');
    const folder = join(dir, 'appendonlydir');
    const written = (await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')))).join();
    expect(written).toContain('oidc:anne');
    expect(written).not.toMatch(/planted|eyJ|248289/);
    for (const secret of [started.state, provider.nonce, String(provider.fields['code_verifier'])]) expect(written).not.toContain(secret);
  });

  it('signs in once, even where the provider takes a code twice', async () => {
    const started = await begin();
    await provider.issue();
    expect((await finish(started)).statusCode).toBe(200);
    expectRefusal(await finish(started), 'state-used', 'This sign-in was used already', 400);
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example'])('never leads to another site: %s', async (next) => {
    const started = await begin(next);
    await provider.issue();
    expect((await finish(started)).body).toContain('content="0;url=/"');
  });
});

describe('a return to the dashboard', () => {
  it.each<[string, (started: StartedSignIn) => StartedSignIn, string, string]>([
    ['without state', ({ cookie }) => ({ cookie, state: '' }), 'state-mismatch', 'This is the answer to another sign-in'],
    [
      'with the state of another browser',
      ({ cookie }) => ({ cookie, state: 'x'.repeat(43) }),
      'state-mismatch',
      'This is the answer to another sign-in',
    ],
    ['without the cookie', ({ state }) => ({ cookie: '', state }), 'state-missing', 'This sign-in was not started in this browser'],
    [
      'with an altered cookie',
      ({ cookie, state }) => ({ cookie: cookie.replace(/.{3}$/, 'AAA'), state }),
      'state-missing',
      'This sign-in was not started in this browser',
    ],
  ])('%s asks the provider nothing', async (_what, change, reason, title) => {
    const started = await begin();
    provider.requests.length = 0;
    expectRefusal(await finish(change(started)), reason, title, 400);
    expect(provider.requests).toEqual([]);
  });

  it.each([
    ['error=access_denied&error_description=planted', 'access-denied', 'The sign-in was cancelled', 403],
    ['error=planted%20text', 'provider-refused', 'The provider refused the sign-in', 502],
    ['code=planted-code&iss=https%3A%2F%2Fevil.example', 'issuer-mismatch', 'The answer is from another issuer', 502],
    ['nothing=planted', 'token-invalid', 'The answer of the provider is invalid', 502],
  ])('with %s', async (query, reason, title, status) => {
    expectRefusal(await finish(await begin(), query), reason, title, status);
  });
});

describe('a user of the provider', () => {
  it('whose ID token is not valid is not signed in', async () => {
    const started = await begin();
    await provider.issue({ aud: 'planted' });
    expectRefusal(await finish(started), 'audience-mismatch', 'The answer is for another application', 502);
    const { entries } = await new AuditLog(dashboard.connection).page(1, undefined, 'failed-sign-ins');
    expect(entries).toMatchObject([{ who: unknownUser, action: 'sign-in refused: audience-mismatch' }]);
  });

  it('who has no role is in the audit log, by name', async () => {
    const started = await begin();
    await provider.issue({ preferred_username: 'nobody', groups: [] });
    expectRefusal(await finish(started), 'role-not-mapped', 'You have no access to this dashboard', 403);
    const { entries } = await new AuditLog(dashboard.connection).page(1, undefined, 'failed-sign-ins');
    expect(entries).toMatchObject([{ who: 'oidc:nobody', action: 'sign-in refused: role-not-mapped', detail: '127.0.0.1' }]);
  });
});

describe('the provider', () => {
  it('is away: the dashboard runs, says so, and local users sign in; then it is back', async () => {
    const app = await dashboard.build(password, settings, recorder());
    provider.answers.set('/.well-known/openid-configuration', (response) => response.destroy());
    const refused = await app.inject({ url: '/login/oidc' });
    expectRefusal(refused, 'provider-unreachable', 'The provider cannot be reached', 503);
    provider.answers.clear();
    expect((await app.inject({ url: '/login/oidc' })).headers.location).toContain(provider.issuer);
    await app.close();
  });
});
