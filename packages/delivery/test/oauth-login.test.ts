/** Logging in with an access token (XOAUTH2 and OAUTHBEARER) at a relay over TLS that accepts the tokens of a real token endpoint. */
import type { AccessTokens } from '@posthouse/contract';
import { type RelayProfile, relayProfiles, type SmtpServer, TokenEndpoint } from '@posthouse/devkit';
import { expect, it } from 'vitest';
import { ConnectionError } from '../src/connection-error.ts';
import { smtpProviders } from '../src/provider.ts';
import { SmtpPool } from '../src/smtp-pool.ts';
import { ca, relay, useRelay } from './relay-fixture.ts';
import { patient } from './sample-message.ts';

useRelay();

const accepted = ['good', 'new'];
const user = 'anne,=@example.org';

/** Tokens that are handed out one after the other; counts the replacements. */
class TokenList implements AccessTokens {
  replaced: string[] = [];
  readonly #tokens: string[];

  constructor(...tokens: string[]) {
    this.#tokens = tokens;
  }

  async current(): Promise<string> {
    return this.#tokens[0] as string;
  }

  async replace(refused: string): Promise<string | undefined> {
    this.replaced.push(refused);
    return this.#tokens[this.replaced.length];
  }
}

function oauthRelay(ehlo?: readonly string[]): Promise<SmtpServer> {
  const profile: RelayProfile | undefined = ehlo && { title: 'test', mode: 'implicit-tls', ehlo, limits: {}, refusals: {} };
  return relay({ user, acceptsToken: (token) => accepted.includes(token), profile });
}

async function login(server: SmtpServer, tokens: AccessTokens, auth = 'oauth'): Promise<ConnectionError | undefined> {
  const [provider] = smtpProviders(`${server.url}?auth=${auth}`);
  if (provider === undefined) throw new Error('no provider');
  const pool = new SmtpPool(provider, { ca: ca.caPem }, patient().smtp, { tokens });
  try {
    await pool.login();
    return undefined;
  } catch (error) {
    return error as ConnectionError;
  } finally {
    await pool.stop();
  }
}

const logins = ({ openingCommands }: SmtpServer) => openingCommands.filter((command) => command.startsWith('AUTH'));

it.each([
  ['oauth', ['AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER'], 'AUTH XOAUTH2'],
  ['oauth', ['AUTH OAUTHBEARER XOAUTH2'], 'AUTH XOAUTH2'],
  ['oauth', ['AUTH PLAIN OAUTHBEARER'], 'AUTH OAUTHBEARER'],
  ['oauthbearer', relayProfiles.gmail.ehlo, 'AUTH OAUTHBEARER'],
  ['xoauth2', relayProfiles.office365.ehlo, 'AUTH XOAUTH2'],
])('?auth=%s at a server that offers %j uses %s', async (auth, ehlo, command) => {
  const server = await oauthRelay(ehlo);
  expect(await login(server, new TokenList('good'), auth)).toBeUndefined();
  expect(logins(server)).toEqual([command]);
  expect(server.loginCount).toBe(1);
});

it.each(['xoauth2', 'oauthbearer'])('%s: a refused token is replaced once, and no more', async (auth) => {
  const server = await oauthRelay();
  const one = new TokenList('old', 'new');
  expect(await login(server, one, auth)).toBeUndefined();
  expect(one.replaced).toEqual(['old']);
  const two = new TokenList('old', 'older', 'good');
  const error = await login(server, two, auth);
  expect(error).toMatchObject({ step: 'AUTH', code: 'EAUTH', reply: expect.stringMatching(/^535 /) });
  expect(error?.message).toMatch(/^AUTH \w+ was refused with 535 \(the server says: invalid_token\)$/);
  expect(two.replaced).toEqual(['old']);
  expect(logins(server)).toHaveLength(4);
});

it.each([
  ['535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.', 0],
  ['454 4.7.0 Temporary authentication failure', 0],
  ['535-5.7.8 Username and Password\r\n535 5.7.8 not accepted', 1],
  ['334 eyJzdGF0dXMiOiI8c2VjcmV0PiJ9', 0],
])('the reply %j replaces the token %i times', async (reply, times) => {
  const server = await oauthRelay();
  server.replyTo('AUTH', { reply });
  const tokens = new TokenList('good', 'new');
  const error = await login(server, tokens);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error?.message).not.toContain('secret');
  expect(tokens.replaced).toHaveLength(times);
});

it('sends no token to a server that does not offer OAuth', async () => {
  const server = await oauthRelay(['AUTH PLAIN LOGIN']);
  const error = await login(server, new TokenList('good'));
  expect(error).toMatchObject({
    code: 'ENOAUTH',
    message: expect.stringContaining('the server offers PLAIN, LOGIN, and not XOAUTH2 or OAUTHBEARER'),
  });
  expect(logins(server)).toEqual([]);
});

it('logs in with a token of an endpoint until that is revoked', async () => {
  const endpoint = new TokenEndpoint({ ca });
  await endpoint.start();
  const server = await relay({ acceptsToken: endpoint.accepts });
  const { default: https } = await import('node:https');
  const token = await new Promise<string>((resolve, reject) => {
    const request = https.request(endpoint.url, { method: 'POST', ca: ca.caPem }, (response) => {
      response.setEncoding('utf8').on('data', (body: string) => resolve(JSON.parse(body).access_token));
    });
    request.on('error', reject).end('grant_type=client_credentials');
  });
  expect(endpoint.requests).toEqual([{ grant_type: 'client_credentials' }]);
  expect(await login(server, new TokenList(token))).toBeUndefined();
  endpoint.endTokens(0);
  expect(await login(server, new TokenList(token))).toMatchObject({ code: 'EAUTH' });
  await endpoint.stop();
});
