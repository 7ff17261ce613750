/** An OpenID Connect provider that answers what a test wants, over TLS: what no real one does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type CertificateAuthority, HttpsServer } from '@posthouse/devkit';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { readConfig } from '../src/config.ts';
import type { OidcSettings } from '../src/sign-in/oidc-settings.ts';

export const clientSecret = 'planted-client-secret';

/** The settings that such variables give. */
export function oidcSettings(env: Record<string, string>, ca: CertificateAuthority): OidcSettings {
  const { oidc } = readConfig({
    POSTHOUSE_SECRET: 'a'.repeat(64),
    DASHBOARD_USERS: `anne:admin:scrypt.15.8.3.${'a'.repeat(22)}.${'a'.repeat(43)}`,
    DASHBOARD_URL: 'http://localhost',
    OIDC_CLIENT_ID: 'posthouse',
    OIDC_CLIENT_SECRET: clientSecret,
    OIDC_ROLE_CLAIM: 'groups',
    OIDC_ROLES: 'posthouse-admins=admin,support=operator',
    OIDC_SCOPE: 'openid profile groups',
    OIDC_BUTTON: 'Sign in with Example',
    ...env,
  });
  return { ...(oidc as OidcSettings), ca: ca.caPem };
}

type Answer = (response: ServerResponse) => void;

export const json =
  (value: object, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** One provider. */
export class ScriptedProvider {
  /** What it answers in place of the right thing, by path. */
  readonly answers = new Map<string, Answer>();
  /** The path of each request, in order of arrival. */
  readonly requests: string[] = [];
  /** The form fields of the last request of a token. */
  fields: Readonly<Record<string, string>> = {};
  /** Its `Authorization` header. */
  authorization: string | undefined;
  /** Of the next ID token. */
  nonce = '';
  readonly #keys: CryptoKeyPair;
  readonly #server = new HttpsServer((request, response) => void this.#respond(request, response));

  private constructor(keys: CryptoKeyPair) {
    this.#keys = keys;
  }

  static async start(ca: CertificateAuthority): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider(await generateKeyPair('ES256'));
    await provider.#server.start(ca);
    return provider;
  }

  get issuer(): string {
    return `https://localhost:${this.#server.port}`;
  }

  get metadata() {
    const url = this.issuer;
    return {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      userinfo_endpoint: `${url}/userinfo`,
      jwks_uri: `${url}/jwks`,
      // More than a client should accept.
      id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
    };
  }

  /** Claims of a valid ID token. */
  claims(change: Record<string, unknown> = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, exp: now + 300 };
    return {
      ...{ iss: this.issuer, aud: 'posthouse', sub: '248289', nonce: this.nonce, ...times },
      ...{ preferred_username: 'anne', groups: ['support'], ...change },
    };
  }

  /** Answers with an ID token that has these claims, signed by this key. */
  async issue(change: Record<string, unknown> = {}, { privateKey = this.#keys.privateKey as CryptoKey, kid = 'key' } = {}): Promise<void> {
    this.issueText(await new SignJWT(this.claims(change)).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey));
  }

  /** Answers with this text as the ID token. */
  issueText(token: string): void {
    this.answers.set('/token', json({ access_token: 'planted-access-token', token_type: 'Bearer', id_token: token }));
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.requests.push(path);
    const body = await text(request);
    if (path === '/token') {
      this.fields = Object.fromEntries(new URLSearchParams(body));
      this.authorization = request.headers.authorization;
    }
    const planned = this.answers.get(path);
    if (planned !== undefined) return planned(response);
    if (path === '/.well-known/openid-configuration') return json(this.metadata)(response);
    if (path === '/jwks') return json({ keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: 'key', alg: 'ES256' }] })(response);
    json({ sub: '248289' }, path === '/userinfo' ? 200 : 404)(response);
  }
}
