/**
 * One request to a token endpoint (RFC 6749 section 4.4, RFC 7523), by oauth4webapi over a connection of ours: with the certificate
 * authorities of the configuration, without redirects, and bounded in size and time.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { limits, type ReasonCode, type Timings } from '@posthouse/contract';
import { ConnectionError } from '@posthouse/delivery';
import { boundedFetch, InvalidAnswer } from '@posthouse/runtime';
import { importPKCS8, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { explainTokenRefusal } from './token-refusals.ts';

/** A Google service account, as its key file describes it. */
export interface ServiceAccount {
  email: string;
  keyPem: string;
  keyId: string | undefined;
}

/** Where the access tokens of a provider come from. Secrets in files are read for each request: a changed file counts from then on. */
export interface TokenSource {
  tokenUrl: string;
  clientId: string;
  scope: string | undefined;
  client:
    | { kind: 'secret'; secret: () => string }
    /** A certificate that is registered with the endpoint, as Microsoft has it. */
    | { kind: 'certificate'; keyPem: () => string; certPem: () => string }
    /** Acts for the mailbox `user`. */
    | { kind: 'service-account'; account: () => ServiceAccount; user: string };
  /** PEM of further certificate authorities. */
  ca: string | undefined;
}

/** A token, and how long it is valid from the request on, in ms. */
interface IssuedToken {
  token: string;
  lifetimeMs: number;
}

/**
 * Requests a token.
 * @throws ConnectionError that says what is wrong; it never contains a secret or what the endpoint answered
 */
export async function requestToken(source: TokenSource, timings: Timings['oauth']): Promise<IssuedToken> {
  const startedAt = performance.now();
  const server = { issuer: new URL(source.tokenUrl).origin, token_endpoint: source.tokenUrl };
  const client = { client_id: source.clientId };
  try {
    const { access_token, expires_in = timings.defaultLifetime / 1000, token_type } = await ask(source, server, client, timings);
    const lifetimeMs = expires_in * 1000 - (performance.now() - startedAt);
    if (token_type !== 'bearer' || !/^[\x21-\x7e]+$/.test(access_token)) throw invalid('the token is no bearer token');
    if (!(lifetimeMs >= timings.minLifetime)) throw invalid(`the token is valid for ${Number(expires_in)} s only`);
    return { token: access_token, lifetimeMs };
  } catch (error) {
    throw tokenError(error as Error, source);
  }
}

/**
 * A secret is sent in the body, which Microsoft wants and most others take, and where that is refused by HTTP Basic: every endpoint has to take
 * that (RFC 6749 section 2.3.1), and some take nothing else.
 */
async function ask(
  source: TokenSource,
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  timings: Timings['oauth'],
): Promise<oauth.TokenEndpointResponse> {
  const answered = async (authenticate?: typeof oauth.ClientSecretBasic) =>
    await oauth.processGenericTokenEndpointResponse(server, client, await send(source, server, client, timings, authenticate));
  try {
    return await answered();
  } catch (error) {
    if (source.client.kind !== 'secret' || !mayWantBasic(error)) throw error;
    return await answered(oauth.ClientSecretBasic).catch(() => {
      throw error;
    });
  }
}

/** Microsoft says more exactly what is wrong with the client. */
function mayWantBasic(error: unknown): boolean {
  return error instanceof oauth.ResponseBodyError && error.error === 'invalid_client' && !error.error_description?.includes('AADSTS');
}

async function send(
  source: TokenSource,
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  timings: Timings['oauth'],
  authenticate = oauth.ClientSecretPost,
): Promise<Response> {
  const scope = source.scope === undefined ? {} : { scope: source.scope };
  const options = {
    // Only addresses of this machine can be configured without TLS.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: boundedFetch({ ca: source.ca, timeoutMs: timings.request, maxBytes: limits.tokenResponseBytes }),
  };
  const { client: credential } = source;
  switch (credential.kind) {
    case 'secret':
      return await oauth.clientCredentialsGrantRequest(server, client, authenticate(credential.secret()), scope, options);
    case 'certificate': {
      const auth = await certificateAuth(credential.keyPem(), credential.certPem(), source.tokenUrl, timings);
      return await oauth.clientCredentialsGrantRequest(server, client, auth, scope, options);
    }
    case 'service-account': {
      const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      const assertion = await serviceAccountAssertion(credential.account(), credential.user, source, timings);
      return await oauth.genericTokenEndpointRequest(server, client, oauth.None(), grantType, { assertion }, options);
    }
  }
}

/** Microsoft identifies the certificate by its SHA-256, and wants the endpoint's URL as the audience. */
async function certificateAuth(keyPem: string, certPem: string, tokenUrl: string, timings: Timings['oauth']): Promise<oauth.ClientAuth> {
  const thumbprint = createHash('sha256').update(new X509Certificate(certPem).raw).digest('base64url');
  const key = await importPKCS8(pkcs8(keyPem), 'PS256');
  return oauth.PrivateKeyJwt(key, {
    [oauth.modifyAssertion]: (header, payload) =>
      Object.assign(header, { 'x5t#S256': thumbprint }) && Object.assign(payload, validity(timings), { aud: tokenUrl }),
  });
}

/** jose reads no other form; OpenSSL also writes `BEGIN RSA PRIVATE KEY`. */
function pkcs8(keyPem: string): string {
  return createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function serviceAccountAssertion(
  { email, keyPem, keyId }: ServiceAccount,
  user: string,
  { tokenUrl, scope }: TokenSource,
  timings: Timings['oauth'],
): Promise<string> {
  const key = await importPKCS8(pkcs8(keyPem), 'RS256');
  const claims = { iss: email, sub: user, aud: tokenUrl, ...(scope !== undefined && { scope }), ...validity(timings) };
  return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) }).sign(key);
}

function validity({ assertionSkew, assertionLifetime }: Timings['oauth']): { iat: number; nbf: number; exp: number } {
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const begin = seconds(Date.now() - assertionSkew);
  return { iat: begin, nbf: begin, exp: seconds(Date.now() + assertionLifetime) };
}

/** An answer that has no usable token. */
function invalid(why: string): ConnectionError {
  return failure('token-invalid', why);
}

function failure(code: ReasonCode, why: string): ConnectionError {
  return new ConnectionError('AUTH', code, `no access token: ${why}`);
}

/** An error of the request as one of the connection. What the endpoint answered is not quoted: it may repeat what it was sent. */
function tokenError(error: Error & { code?: string }, { tokenUrl }: TokenSource): ConnectionError {
  if (error instanceof ConnectionError) return error;
  if (error instanceof InvalidAnswer) return invalid(error.message);
  const { host } = new URL(tokenUrl);
  if (error instanceof oauth.ResponseBodyError) {
    if (error.status >= 500 || error.status === 429) return failure('token-unreachable', `${host} answers ${error.status}`);
    const { code, detail } = explainTokenRefusal(error.error, error.error_description);
    return failure(code, `${host} refuses the request (${detail})`);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const { cause } = error;
    const status = cause instanceof Response ? cause.status : 200;
    if (status >= 500 || status === 429) return failure('token-unreachable', `${host} answers ${status}`);
    return invalid(`${host} answers with something else than a token`);
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return failure('token-unreachable', `${host} does not answer in time`);
  const isOfConnection = error.code !== undefined && !/^ERR_(INVALID|OSSL|CRYPTO)/.test(error.code);
  if (isOfConnection) return failure('token-unreachable', `${host} cannot be reached (${error.code})`);
  return failure('token-source', error.message);
}
