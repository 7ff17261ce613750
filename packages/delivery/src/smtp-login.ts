/** Logging in (RFC 4954) with a mechanism that the server offers: with a password, or with an access token (XOAUTH2, RFC 7628). */
import { ConnectionError, connectionError, type SmtpError } from './connection-error.ts';
import { type OAuthMechanism, type PasswordMechanism, type Provider, passwordMechanisms } from './provider.ts';
import type { SmtpChannel } from './smtp-channel.ts';
import { parseReply } from './smtp-reply.ts';

/** Replies that refuse the account and not the mechanism: another mechanism would be refused too, and may count as an attack. */
const refusesAccount = /^(?:530|534|535|538)/;

/**
 * Logs in. When the server refuses PLAIN itself, LOGIN is tried once on the same connection: some servers offer PLAIN and implement LOGIN only.
 * @param offered the mechanisms of the EHLO reply; a password is sent with no other
 * @param run logs in with one mechanism; returns null when that worked
 * @returns null when logged in
 */
export async function login(
  provider: Provider,
  offered: readonly string[],
  run: (mechanism: PasswordMechanism) => Promise<SmtpError | null>,
): Promise<ConnectionError | null> {
  const mechanism = (provider.auth === undefined ? passwordMechanisms : [provider.auth]).find((each) => offered.includes(each));
  if (mechanism === undefined) return notOffered(provider, offered);
  const refused = await run(mechanism);
  if (refused === null) return null;
  const mayTryLogin = mechanism === 'PLAIN' && provider.auth === undefined && offered.includes('LOGIN');
  const { response } = refused;
  if (!mayTryLogin || response === undefined || !response.startsWith('5') || refusesAccount.test(response))
    return connectionError('AUTH', refused);
  const refusedAgain = await run('LOGIN');
  if (refusedAgain === null) return null;
  // Where the server closed the connection instead, its reply to PLAIN says more.
  return connectionError('AUTH', refusedAgain.response === undefined ? refused : refusedAgain);
}

/** nodemailer's own XOAUTH2 renews tokens and repeats logins without being asked; under a name of ours it does neither. */
const customMethod = 'OAUTH';

/**
 * Logs in with an access token, in one try.
 * @param offered the mechanisms of the EHLO reply; the token is sent with no other
 * @returns null when logged in
 */
export async function loginWithToken(
  channel: SmtpChannel,
  { host, port, oauth: { user, mechanisms } }: Provider & Pick<Required<Provider>, 'oauth'>,
  offered: readonly string[],
  token: string,
): Promise<ConnectionError | null> {
  const mechanism = mechanisms.find((each) => offered.includes(each));
  if (mechanism === undefined) {
    const names = offered.length === 0 ? 'no login' : offered.join(', ');
    const why = `the server offers ${names}, and not ${mechanisms.join(' or ')}, which ?auth= in SMTP_URL requires; no token was sent`;
    return new ConnectionError('AUTH', 'ENOAUTH', why);
  }
  let challenge: string | undefined;
  channel.connection.customAuth.set(customMethod, async ({ sendCommand }) => {
    let { response } = await sendCommand(`AUTH ${mechanism} ${initialResponse(mechanism, { user, host, port }, token)}`);
    if (parseReply(response).code === 334) {
      // Not a question but an error: the refusal follows a reply without meaning.
      challenge = response;
      ({ response } = await sendCommand(mechanism === 'XOAUTH2' ? '' : 'AQ=='));
    }
    if (parseReply(response).code !== 235) throw new Error('the server refuses the access token');
  });
  const refused = await channel.exchange((done) => channel.connection.login({ user, method: customMethod }, (error) => done(error)));
  if (refused === null) return null;
  const error = connectionError('AUTH', Object.assign(refused, { command: `AUTH ${mechanism}` }));
  const status = challenge === undefined ? undefined : errorStatus(challenge);
  return status === undefined
    ? error
    : new ConnectionError('AUTH', error.code, `${error.message} (the server says: ${status})`, error.reply);
}

/** Whether another token may help. A server that has switched this kind of login off refuses every token. */
export function refusesToken({ step, reply = '' }: ConnectionError): boolean {
  const { code, enhancedCode } = parseReply(reply);
  return step === 'AUTH' && code === 535 && enhancedCode !== '5.7.139';
}

/** Google's and Microsoft's XOAUTH2; or RFC 7628 section 3.1, in whose user name RFC 5801 writes `=` and `,` as codes. */
function initialResponse(
  mechanism: OAuthMechanism,
  { user, host, port }: { user: string; host: string; port: number },
  token: string,
): string {
  const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const fields =
    mechanism === 'XOAUTH2'
      ? [`user=${user}`, `auth=Bearer ${token}`]
      : [`n,a=${name},`, `host=${host}`, `port=${port}`, `auth=Bearer ${token}`];
  return Buffer.from(`${fields.join('\x01')}\x01\x01`).toString('base64');
}

/** The `status` of an error in JSON (RFC 7628 section 3.2.2): one word, and nothing else of it, because servers may quote anything. */
function errorStatus(challenge: string): string | undefined {
  try {
    const { status } = JSON.parse(Buffer.from(parseReply(challenge).words, 'base64').toString());
    return /^[\w-]{1,40}$/.test(String(status)) ? String(status) : undefined;
  } catch {
    return undefined;
  }
}

function notOffered({ auth }: Provider, offered: readonly string[]): ConnectionError {
  const failure = (code: 'ENOAUTH' | 'oauth-required', why: string) => new ConnectionError('AUTH', code, `${why}; no password was sent`);
  const names = offered.join(', ');
  if (offered.length === 0) return failure('ENOAUTH', 'the server offers no login');
  if (offered.every((mechanism) => mechanism.includes('OAUTH')))
    return failure('oauth-required', `the server requires OAuth (it offers ${names}), and SMTP_URL has a password; write ?auth=oauth`);
  if (auth !== undefined)
    return failure('ENOAUTH', `the server does not offer ${auth}, which ?auth= in SMTP_URL requires; it offers ${names}`);
  return failure('ENOAUTH', `the server offers ${names}, and none of ${passwordMechanisms.join(', ')}`);
}
