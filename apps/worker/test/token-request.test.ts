/** Requests to a token endpoint on loopback, over TLS: what it is sent, and what its answers mean. */
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits, timings } from '@posthouse/contract';
import { CertificateAuthority, TokenEndpoint } from '@posthouse/devkit';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { requestToken, type TokenSource } from '../src/oauth/token-request.ts';

let dir: string;
let ca: CertificateAuthority;
let endpoint: TokenEndpoint;
const secret = 'planted-client-secret';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-oauth-'));
  ca = await CertificateAuthority.create();
  await ca.writeCa(join(dir, 'ca.pem'));
  endpoint = new TokenEndpoint({ ca, secret });
  await endpoint.start();
});
afterAll(async () => {
  await endpoint.stop();
  await rm(dir, { recursive: true });
});
afterEach(() => {
  endpoint.clearAnswers();
  endpoint.requests.length = 0;
  endpoint.secret = secret;
  endpoint.basicOnly = false;
  endpoint.lifetimeS = 3600;
});

/** The source that a worker's configuration describes. */
function source(env: Record<string, string>, url = 'smtp://anne%40example.com@relay.example?auth=oauth&name=m365'): TokenSource {
  const common = { SMTP_URL: url, POSTHOUSE_SECRET: 'e'.repeat(64), SMTP_CA_FILE: join(dir, 'ca.pem') };
  return readConfig({ ...common, ...env }).tokenSources.get('m365') as TokenSource;
}

const withSecret = () =>
  source({ SMTP_OAUTH_TOKEN_URL: endpoint.url, SMTP_OAUTH_CLIENT_ID: 'app', SMTP_OAUTH_CLIENT_SECRET: secret, SMTP_OAUTH_SCOPE: 'mail' });

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(dir, name), content);
  return join(dir, name);
}

describe('a request', () => {
  it('with a client secret gets a token, whose life counts from the request on', async () => {
    const { token, lifetimeMs } = await requestToken(withSecret(), timings.oauth);
    expect(endpoint.accepts(token)).toBe(true);
    expect(lifetimeMs).toBeLessThan(3600_000);
    expect(lifetimeMs).toBeGreaterThan(3500_000);
    expect(endpoint.requests).toEqual([{ grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: 'mail' }]);
  });

  it('sends the secret by HTTP Basic where the endpoint refuses it in the body', async () => {
    endpoint.basicOnly = true;
    endpoint.secret = 'planted: client secret + %';
    const read = { ...withSecret(), client: { kind: 'secret', secret: () => endpoint.secret ?? '' } } as const;
    expect(endpoint.accepts((await requestToken(read, timings.oauth)).token)).toBe(true);
    expect(endpoint.requests.map((fields) => 'client_secret' in fields)).toEqual([true, false]);
    await expect(requestToken(withSecret(), timings.oauth)).rejects.toMatchObject({ code: 'token-secret-wrong' });
  });

  it('reads a secret from its file each time', async () => {
    const path = await file('secret', 'old\n');
    const read = source({ SMTP_OAUTH_TOKEN_URL: endpoint.url, SMTP_OAUTH_CLIENT_ID: 'app', SMTP_OAUTH_CLIENT_SECRET_FILE: path });
    await expect(requestToken(read, timings.oauth)).rejects.toMatchObject({ code: 'token-secret-wrong' });
    await file('secret', `${secret}\n`);
    await expect(requestToken(read, timings.oauth)).resolves.toMatchObject({ token: expect.any(String) });
    await rm(path);
    await expect(requestToken(read, timings.oauth)).rejects.toMatchObject({
      code: 'token-source',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('with a certificate is signed as Microsoft wants it, also where the clock is five minutes off', async () => {
    const { certPem } = await ca.issue({ hosts: ['app'], client: true });
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = await file('key.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
    const env = { SMTP_OAUTH_CLIENT_ID: 'app', SMTP_OAUTH_KEY_FILE: key, SMTP_OAUTH_CERTIFICATE_FILE: await file('cert.pem', certPem) };
    endpoint.secret = undefined;
    await requestToken(source({ ...env, SMTP_OAUTH_TOKEN_URL: endpoint.url }), timings.oauth);
    const [{ client_assertion: assertion = '', ...fields } = {}] = endpoint.requests;
    expect(fields).toMatchObject({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
    const thumbprint = createHash('sha256').update(new X509Certificate(certPem).raw).digest('base64url');
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'PS256', 'x5t#S256': thumbprint });
    for (const minutes of [-5, 5]) {
      const currentDate = new Date(Date.now() + minutes * 60_000);
      await jwtVerify(assertion, publicKey, { issuer: 'app', subject: 'app', audience: endpoint.url, currentDate });
    }
  });

  it("of a Google service account acts for SMTP_URL's user", async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const account = { client_email: 'robot@project.example', private_key: pem, private_key_id: 'k1', token_uri: endpoint.url };
    endpoint.secret = undefined;
    await requestToken(source({ SMTP_OAUTH_SERVICE_ACCOUNT_FILE: await file('google.json', JSON.stringify(account)) }), timings.oauth);
    const [{ assertion = '', grant_type } = {}] = endpoint.requests;
    expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const { payload } = await jwtVerify(assertion, createPublicKey(pem), { issuer: 'robot@project.example', audience: endpoint.url });
    expect(payload).toMatchObject({ sub: 'anne@example.com', scope: 'https://mail.google.com/' });
  });
});

describe('an endpoint that', () => {
  const refused = (error: string, error_description = '') => ({
    body: JSON.stringify({ error, error_description: `planted ${error_description}` }),
  });
  it.each([
    [
      'has an expired secret',
      refused('invalid_client', 'AADSTS7000222: The provided client secret keys are expired.'),
      'token-secret-expired',
    ],
    ['has another secret', { ...refused('invalid_client'), status: 401 }, 'token-secret-wrong'],
    ['does not know the tenant', refused('invalid_request', "AADSTS90002: Tenant 'x' not found."), 'token-tenant-unknown'],
    ['does not know the client', refused('unauthorized_client', 'AADSTS700016: Application not found'), 'token-tenant-unknown'],
    ['refuses the scope', refused('invalid_scope', 'AADSTS70011'), 'token-scope-refused'],
    ['refuses the audience', refused('invalid_target'), 'token-scope-refused'],
    ['refuses the signature', refused('invalid_grant', 'Invalid JWT Signature.'), 'token-assertion-refused'],
    [
      'refuses the clock',
      refused('invalid_grant', 'Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.'),
      'token-clock',
    ],
    ['misses a delegation', refused('unauthorized_client', 'Client is unauthorized'), 'token-not-allowed'],
    ['refuses in unknown words', refused('<planted>'), 'token-refused'],
    ['answers HTML', { status: 200, type: 'text/html', body: '<html>planted</html>' }, 'token-invalid'],
    ['redirects', { status: 302, body: '' }, 'token-invalid'],
    ['answers without end', { status: 200, body: 'x'.repeat(limits.tokenResponseBytes + 1) }, 'token-invalid'],
    ['issues no bearer token', { status: 200, body: '{"access_token":"planted","token_type":"mac"}' }, 'token-invalid'],
    ['issues a token that cannot be sent', { status: 200, body: '{"access_token":"a\\u0001b","token_type":"bearer"}' }, 'token-invalid'],
    [
      'issues a token of one second',
      { status: 200, body: '{"access_token":"planted","token_type":"bearer","expires_in":1}' },
      'token-invalid',
    ],
    ['is out of order', { status: 503, type: 'text/html', body: 'planted' }, 'token-unreachable'],
    ['has too many requests', { status: 429, body: '{"error":"slow_down"}' }, 'token-unreachable'],
  ])('%s', async (_what, answer, code) => {
    endpoint.answerWith(answer);
    const error = await requestToken(withSecret(), timings.oauth).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'ConnectionError', code });
    expect((error as Error).message).not.toMatch(/planted/);
  });

  it('does not answer, listens nowhere, or has an unknown certificate', async () => {
    endpoint.hang();
    const quick = { ...timings.oauth, request: 50 };
    await expect(requestToken(withSecret(), quick)).rejects.toMatchObject({
      code: 'token-unreachable',
      message: expect.stringContaining('in time'),
    });
    const closed = { ...withSecret(), tokenUrl: 'https://127.0.0.1:1/token' };
    await expect(requestToken(closed, timings.oauth)).rejects.toMatchObject({
      code: 'token-unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(requestToken({ ...withSecret(), ca: undefined }, timings.oauth)).rejects.toMatchObject({ code: 'token-unreachable' });
  });
});

describe('the configuration', () => {
  const complete = { SMTP_OAUTH_CLIENT_ID: 'app', SMTP_OAUTH_CLIENT_SECRET: secret };

  it('of Microsoft 365 needs a tenant, a client and its secret', () => {
    expect(source({ ...complete, SMTP_OAUTH_TENANT: 'contoso.example' })).toMatchObject({
      tokenUrl: 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token',
      scope: 'https://outlook.office365.com/.default',
    });
  });

  it('of each provider has variables with its name', () => {
    const url = 'smtp://a@one.example?auth=oauth&name=first,smtp://b@two.example?auth=xoauth2&name=m365';
    const env = { ...complete, SMTP_OAUTH_TENANT: 'one.example', SMTP_OAUTH_M365_TENANT: 'two.example' };
    expect(source(env, url).tokenUrl).toContain('/two.example/');
  });

  it('reports every error at once, and no secret', async () => {
    const broken = await file('broken.json', '{"client_email":"x"}');
    const errors = (env: Record<string, string>) => () => source(env);
    expect(errors({})).toThrow(/^3 configuration errors:[\s\S]*set one of[\s\S]*set SMTP_OAUTH_CLIENT_ID[\s\S]*set SMTP_OAUTH_TOKEN_URL/);
    expect(errors({ ...complete, SMTP_OAUTH_TOKEN_URL: 'http://login.example/token' })).toThrow(/SMTP_OAUTH_TOKEN_URL must be an https/);
    expect(errors({ ...complete, SMTP_OAUTH_TOKEN_URL: 'http://localhost/token', NODE_ENV: 'production' })).toThrow(/must be an https/);
    expect(errors({ SMTP_OAUTH_SERVICE_ACCOUNT_FILE: broken })).toThrow(/SMTP_OAUTH_SERVICE_ACCOUNT_FILE must name the JSON key file/);
    expect(errors({ ...complete, SMTP_OAUTH_TENANT: 'a', SMTP_OAUTH_CLIENT_SECRET_FILE: broken })).toThrow(
      /set are SMTP_OAUTH_CLIENT_SECRET, SMTP/,
    );
    expect(errors({ ...complete, SMTP_OAUTH_TENANT: 'a/b' })).toThrow(/SMTP_OAUTH_TENANT must be the id/);
    expect(errors({ ...complete, SMTP_OAUTH_TENANT: 'a/b' })).not.toThrow(/planted/);
  });
});
