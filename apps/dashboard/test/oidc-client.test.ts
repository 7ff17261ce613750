/** A provider that answers wrongly: nobody is signed in, and the reason is clear. Over TLS, without a dashboard around it. */
import { createHmac } from 'node:crypto';
import { limits, timings } from '@posthouse/contract';
import { CertificateAuthority } from '@posthouse/devkit';
import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OidcUser } from '../src/sign-in/oidc-claims.ts';
import { OidcClient } from '../src/sign-in/oidc-client.ts';
import { OidcRefusal, type RefusalCode } from '../src/sign-in/oidc-refusals.ts';
import type { OidcSettings } from '../src/sign-in/oidc-settings.ts';
import { clientSecret, json, oidcSettings, ScriptedProvider } from './scripted-provider.ts';

const production = timings.dashboard.oidc;
let provider: ScriptedProvider;
let settings: OidcSettings;
let client: OidcClient;

beforeAll(async () => {
  const ca = await CertificateAuthority.create();
  provider = await ScriptedProvider.start(ca);
  settings = oidcSettings({ OIDC_ISSUER: provider.issuer }, ca);
  client = new OidcClient(settings, production);
});
beforeEach(() => provider.answers.clear());
afterAll(() => provider.stop());

/** Signs in with what `plan` lets the provider answer. */
async function signIn(plan: () => Promise<void> | void): Promise<OidcUser> {
  const secrets = client.newSignIn();
  provider.nonce = secrets.nonce;
  await plan();
  return await client.userOf(`/login/oidc/callback?code=planted-code&state=${secrets.state}`, secrets);
}

/** That it is refused for this reason, and that the log gets nothing that the provider sent. */
async function expectRefusal(attempt: Promise<unknown>, code: RefusalCode): Promise<void> {
  const refusal = await attempt.then(() => undefined).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OidcRefusal);
  expect(refusal).toMatchObject({ code });
  expect(String((refusal as OidcRefusal).detail)).not.toMatch(/planted|eyJ|248289|evil/);
}

describe('an ID token', () => {
  const now = Math.floor(Date.now() / 1000);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const withAlgorithm = (alg: string, sign: (input: string) => string) => () => {
    const input = `${encoded({ alg, kid: 'key' })}.${encoded(provider.claims())}`;
    provider.issueText(`${input}.${sign(input)}`);
  };
  const hmac = (input: string) => createHmac('sha256', clientSecret).update(input).digest('base64url');
  const byAnotherKey = async () => provider.issue({}, { privateKey: (await generateKeyPair('ES256')).privateKey });

  it('that is as it must be signs in, also where the clock is half a minute off', async () => {
    const user = { name: 'oidc:anne', role: 'operator', subject: '248289' };
    expect(await signIn(() => provider.issue({ exp: now - 30 }))).toEqual(user);
  });

  it.each<[string, () => Promise<void> | void, RefusalCode]>([
    ['of another issuer', () => provider.issue({ iss: 'https://evil.example' }), 'issuer-mismatch'],
    ['for another application', () => provider.issue({ aud: 'other' }), 'audience-mismatch'],
    [
      'for several applications, and issued to another one',
      () => provider.issue({ aud: ['posthouse', 'other'], azp: 'other' }),
      'audience-mismatch',
    ],
    ['of another sign-in', () => provider.issue({ nonce: 'planted' }), 'nonce-mismatch'],
    ['without a nonce', () => provider.issue({ nonce: undefined }), 'token-invalid'],
    ['that has expired', () => provider.issue({ exp: now - 90 }), 'token-expired'],
    ['that is not valid yet', () => provider.issue({ nbf: now + 300 }), 'token-expired'],
    ['that is not signed', withAlgorithm('none', () => ''), 'token-signature'],
    ['that is signed with the client secret', withAlgorithm('HS256', hmac), 'token-signature'],
    ['that another key has signed', byAnotherKey, 'token-signature'],
    ['with an unknown key', () => provider.issue({}, { kid: 'planted' }), 'token-signature'],
    ['without a subject', () => provider.issue({ sub: undefined }), 'token-invalid'],
    ['that is none', () => provider.issueText('planted'), 'token-invalid'],
    ['that is absent', () => void provider.answers.set('/token', json({ access_token: 'planted', token_type: 'Bearer' })), 'token-invalid'],
  ])('%s signs nobody in', async (_what, plan, code) => {
    await expectRefusal(signIn(plan), code);
  });
});

describe('claims', () => {
  it.each<[string, Record<string, unknown>, RefusalCode]>([
    ['without a name', { preferred_username: undefined }, 'name-missing'],
    ['with a name that is no text', { preferred_username: ['anne'] }, 'name-missing'],
    ['with a blank in the name', { preferred_username: 'anne admin' }, 'name-invalid'],
    ['with an invisible character in the name', { preferred_username: 'anne\u200b' }, 'name-invalid'],
    ['with a name that is too long', { preferred_username: 'x'.repeat(limits.oidc.nameLength + 1) }, 'name-invalid'],
    ['without the one for the role', { groups: undefined }, 'role-claim-missing'],
    ['with no role that is mapped', { groups: ['sales', 5, null, 'constructor'] }, 'role-not-mapped'],
  ])('%s give no access', async (_what, change, code) => {
    await expectRefusal(
      signIn(() => provider.issue(change)),
      code,
    );
  });

  const withSettings = async (change: Partial<OidcSettings>, claims: Record<string, unknown>) => {
    const changed = new OidcClient({ ...settings, ...change }, production);
    const secrets = changed.newSignIn();
    provider.nonce = secrets.nonce;
    await provider.issue(claims);
    return await changed.userOf(`/login/oidc/callback?code=planted-code&state=${secrets.state}`, secrets);
  };

  it('of several roles give the greatest; one in nested objects is found by its path, one with dots in its name by its name', async () => {
    expect(await signIn(() => provider.issue({ groups: ['support', 'posthouse-admins', 'staff'] }))).toMatchObject({ role: 'admin' });
    const nested = { realm_access: { roles: ['support'] } };
    expect(await withSettings({ roleClaim: 'realm_access.roles' }, nested)).toMatchObject({ role: 'operator' });
    const url = 'https://example.com/roles';
    expect(await withSettings({ roleClaim: url }, { [url]: 'support' })).toMatchObject({ role: 'operator' });
  });

  it('count an email only where the provider has verified it', async () => {
    const byEmail: Partial<OidcSettings> = { nameClaim: 'email', roleClaim: 'email', roles: new Map([['anne@example.com', 'viewer']]) };
    const email = { email: 'anne@example.com' };
    expect(await withSettings(byEmail, { ...email, email_verified: true })).toMatchObject({
      name: 'oidc:anne@example.com',
      role: 'viewer',
    });
    await expectRefusal(withSettings(byEmail, { ...email, email_verified: 'false' }), 'email-unverified');
    await expectRefusal(withSettings(byEmail, email), 'email-unverified');
  });

  it('come from userinfo where the ID token lacks them, and only of the same user', async () => {
    const plan = (sub: string) => async () => {
      await provider.issue({ groups: undefined });
      provider.answers.set('/userinfo', json({ sub, groups: ['posthouse-admins'], preferred_username: 'bo' }));
    };
    expect(await signIn(plan('248289'))).toMatchObject({ name: 'oidc:anne', role: 'admin' });
    await expectRefusal(signIn(plan('planted')), 'token-invalid');
  });
});

describe('the provider', () => {
  it.each<[string, ReturnType<typeof json>, RefusalCode]>([
    ['does not take the code again', json({ error: 'invalid_grant', error_description: 'planted' }, 400), 'code-refused'],
    ['does not know the client', json({ error: 'invalid_client' }, 401), 'client-refused'],
    ['gives another reason', json({ error: 'planted-error' }, 400), 'provider-refused'],
    ['is out of order', json({ error: 'planted' }, 500), 'provider-unreachable'],
    ['asks to come back later', (response) => response.writeHead(429).end('planted'), 'provider-unreachable'],
    ['answers HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>planted'), 'provider-invalid'],
  ])('%s', async (_what, answer, code) => {
    await expectRefusal(
      signIn(() => void provider.answers.set('/token', answer)),
      code,
    );
  });

  const metadata = '/.well-known/openid-configuration';
  /** What the first request to the provider comes to. */
  const discover = (oidc = production, change: Partial<OidcSettings> = {}) => {
    const unused = new OidcClient({ ...settings, ...change }, oidc);
    return unused.authorizationUrl(unused.newSignIn());
  };

  it.each<[string, () => ReturnType<typeof json>, RefusalCode]>([
    ['another issuer', () => json({ ...provider.metadata, issuer: 'https://evil.example' }), 'issuer-mismatch'],
    ['the issuer with a slash', () => json({ ...provider.metadata, issuer: `${provider.issuer}/` }), 'issuer-mismatch'],
    ['an endpoint without TLS', () => json({ ...provider.metadata, authorization_endpoint: 'http://evil.example/' }), 'provider-invalid'],
    ['HTML', () => (response) => response.end('<html>planted</html>'), 'provider-invalid'],
    ['a redirect', () => (response) => response.writeHead(302, { location: '/jwks' }).end(), 'provider-invalid'],
    ['too much', () => (response) => response.end('x'.repeat(limits.oidc.responseBytes + 1)), 'provider-invalid'],
    ['an error', () => json({}, 500), 'provider-unreachable'],
  ])('answers its metadata with %s', async (_what, answer, code) => {
    provider.answers.set(metadata, answer());
    await expectRefusal(discover(), code);
  });

  it('does not answer', async () => {
    provider.answers.set(metadata, () => undefined);
    await expectRefusal(discover({ ...production, request: 100 }), 'provider-unreachable');
  });

  it('has a certificate of an unknown authority', async () => {
    const refused = discover(production, { ca: undefined });
    await expect(refused).rejects.toMatchObject({
      code: 'provider-unreachable',
      detail: expect.stringMatching(/^[A-Z_]*(CERT|SIGNATURE)/),
    });
  });

  it('is asked for its metadata once by many sign-ins, and by no more of them than the limit at a time', async () => {
    const busy = new OidcClient(settings, production);
    provider.requests.length = 0;
    const attempts = Array.from({ length: limits.oidc.active + 5 }, () => busy.authorizationUrl(busy.newSignIn()));
    const results = await Promise.allSettled(attempts);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(5).fill('too-many'));
    expect(provider.requests).toEqual([metadata]);
  });
});
