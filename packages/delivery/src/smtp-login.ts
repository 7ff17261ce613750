/** Logging in (RFC 4954) with a mechanism that the server offers. */
import { ConnectionError, connectionError, type SmtpError } from './connection-error.ts';
import { type PasswordMechanism, type Provider, passwordMechanisms } from './provider.ts';

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

function notOffered({ auth }: Provider, offered: readonly string[]): ConnectionError {
  const failure = (code: 'ENOAUTH' | 'oauth-required', why: string) => new ConnectionError('AUTH', code, `${why}; no password was sent`);
  const names = offered.join(', ');
  if (offered.length === 0) return failure('ENOAUTH', 'the server offers no login');
  if (offered.every((mechanism) => mechanism.includes('OAUTH')))
    return failure('oauth-required', `the server requires OAuth (it offers ${names}), and SMTP_URL has a password`);
  if (auth !== undefined)
    return failure('ENOAUTH', `the server does not offer ${auth}, which ?auth= in SMTP_URL requires; it offers ${names}`);
  return failure('ENOAUTH', `the server offers ${names}, and none of ${passwordMechanisms.join(', ')}`);
}
