/** A provider: one SMTP account, as `SMTP_URL` names it. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** The mechanisms that send a user and a password, most preferred first (RFC 4954). TLS protects the password in all of them. */
export const passwordMechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const;

/** A login with user and password. */
export type PasswordMechanism = (typeof passwordMechanisms)[number];

/** The mechanisms that send an access token, most preferred first: XOAUTH2, which every provider with OAuth has, and RFC 7628. */
const oauthMechanisms = ['XOAUTH2', 'OAUTHBEARER'] as const;

/** A login with an access token. */
export type OAuthMechanism = (typeof oauthMechanisms)[number];

/** Where and how to send mail. */
export interface Provider {
  /** `?name=`, else the host. Records and logs name the provider by it. */
  name: string;
  host: string;
  port: number;
  /** `tls` from the first byte (RFC 8314, port 465); `starttls`, required before the login (port 587); `none` to this machine only. */
  security: 'tls' | 'starttls' | 'none';
  /** `?servername=`: the name that the certificate must have; default: the host. */
  servername?: string;
  /** The name that EHLO gives to the server; default: the address of this end of the connection. */
  ehlo?: string;
  /** Absent for a relay that accepts mail from this network without a login. */
  credentials?: { user: string; pass: string };
  /** For a login with an access token instead of a password: the account, and the mechanisms that may be used. */
  oauth?: { user: string; mechanisms: readonly OAuthMechanism[] };
  /** `?auth=`: the only mechanism to log in with; default: one that the server offers. */
  auth?: PasswordMechanism;
  /** Most connections of one process. */
  pool: number;
  /** Most mails over one connection; absent for no limit. */
  messages?: number;
  /** Most mails per second of all workers together; absent for no limit. */
  ratePerSecond?: number;
  /** Identifies the account without revealing its credentials: workers with other credentials have their own circuit. */
  account: string;
}

/** A mail keeps its connection while the gate asks Redis and the relay replies twice: with few connections a worker waits more than it works. */
const defaultPool = 10;

/** Each parameter of the URL's query, and what it sets. A parser throws with what completes the sentence "SMTP_URL has …". */
const parameters = {
  name: (name: string) => (name === '' ? {} : { name }),
  pool: (pool: string) => {
    if (!/^[1-9]\d{0,2}$/.test(pool)) throw new Error('a pool that is not a whole number from 1 to 999');
    return { pool: Number(pool) };
  },
  messages: (messages: string) => {
    if (!/^[1-9]\d{0,5}$/.test(messages)) throw new Error('messages that are not a whole number from 1 to 999999');
    return { messages: Number(messages) };
  },
  rate: (rate: string) => ({ ratePerSecond: perSecond(rate) }),
  ehlo: (ehlo: string) => ({ ehlo: ehloName(ehlo) }),
  auth: (auth: string) => {
    const name = auth.toUpperCase();
    const mechanism = passwordMechanisms.find((known) => known === name);
    if (mechanism !== undefined) return { auth: mechanism };
    const mechanisms = oauthMechanisms.filter((known) => known === name || name === 'OAUTH');
    if (mechanisms.length === 0) throw new Error('an auth that is not plain, login, cram-md5, oauth, xoauth2 or oauthbearer');
    return { oauth: { user: '', mechanisms } };
  },
  tls: (tls: string): Partial<Provider> => {
    if (tls !== 'off') throw new Error('a tls that is not off; leave it out for TLS');
    return { security: 'none' };
  },
  servername: (servername: string) => {
    const host = hostName(servername);
    if (host === undefined || isIP(host) !== 0) throw new Error('a servername that is not a host name');
    return { servername: host };
  },
} satisfies Record<string, (value: string) => Partial<Provider>>;

/**
 * Reads `SMTP_URL`: one URL or several in order of preference, split only where a comma is followed by a scheme,
 * since a password may hold a comma.
 * @throws with a message that completes the sentence "SMTP_URL …", lists the errors of every URL and never contains credentials
 */
export function smtpProviders(raw: string): Provider[] {
  const urls = raw.split(/,(?=smtps?:\/\/)/i);
  const issues: string[] = [];
  const providers = urls.flatMap((url, index) => {
    try {
      return [provider(url)];
    } catch (error) {
      issues.push(urls.length === 1 ? (error as Error).message : `URL ${index + 1} ${(error as Error).message}`);
      return [];
    }
  });
  if (issues.length > 0) throw new Error(`${urls.length === 1 ? '' : `has ${urls.length} URLs: `}${issues.join('; ')}`);
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`names the provider "${twice}" twice; give each a different ?name=`);
  return providers;
}

function provider(raw: string): Provider {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url === undefined || !['smtps:', 'smtp:'].includes(url.protocol) || url.hostname === '') {
    throw new Error(
      'must be smtps://user:password@host:465 or smtp://user:password@host:587; percent-encode special characters of user and password',
    );
  }
  refuseUnencoded(url);
  const host = hostName(decoded(url.hostname.replace(/^\[|\]$/g, '')));
  if (host === undefined) throw new Error('has a host that is not a host name or an address');
  const security = url.protocol === 'smtps:' ? 'tls' : 'starttls';
  const issues: string[] = [];
  const chosen: Partial<Provider> = {};
  for (const [key, value] of url.searchParams) {
    try {
      Object.assign(chosen, parameter(key, value));
    } catch (error) {
      issues.push((error as Error).message);
    }
  }
  if (chosen.oauth === undefined && url.username !== '' && url.password === '')
    issues.push(`names a user for ${host} but no password; with an access token instead, write ?auth=oauth`);
  if (chosen.oauth !== undefined && url.password !== '')
    issues.push('has an auth with an access token and a password; remove the password');
  if ((chosen.auth ?? chosen.oauth) !== undefined && url.username === '') issues.push('has an auth but no user');
  if (chosen.security === 'none') issues.push(...issuesWithoutTls(security, host, url.username));
  else if (security === 'starttls' && url.port === '465')
    issues.push(
      `has smtp:// and port 465 for ${host}, a port that expects TLS from the first byte: write smtps://, or port 587 for STARTTLS`,
    );
  if (issues.length > 0) throw new Error(issues.join('; '));
  const name = chosen.name ?? host;
  return {
    host,
    port: url.port === '' ? (security === 'tls' ? 465 : 587) : Number(url.port),
    security,
    ...(url.password !== '' && { credentials: { user: decoded(url.username), pass: decoded(url.password) } }),
    pool: defaultPool,
    account: `${name}:${createHash('sha256').update(`${url.username}:${url.password}@${url.host}`).digest('hex').slice(0, 12)}`,
    ...chosen,
    ...(chosen.oauth !== undefined && { oauth: { ...chosen.oauth, user: decoded(url.username) } }),
    name,
  };
}

/**
 * A password with `/`, `?` or `#` ends the host early: `smtps://user:12/34@host` has the host "user" and the port 12. Nothing of the URL is
 * quoted, because it may be part of a password.
 */
function refuseUnencoded({ pathname, hash, search, username }: URL): void {
  const encode = 'in a user or password write / as %2F, ? as %3F and # as %23';
  if (!['', '/'].includes(pathname) || hash !== '') throw new Error(`has a path or a fragment; ${encode}`);
  if (username === '' && search.includes('@')) throw new Error(`has an @ after its ?; ${encode}`);
}

/** Mail without TLS can be read and changed on its way: it goes to a test server on this machine, and no password goes with it. */
function issuesWithoutTls(security: 'tls' | 'starttls', host: string, user: string): string[] {
  const isLocal = host === 'localhost' || isLoopback(host);
  return [
    ...(security === 'tls' ? ['has tls=off and smtps://; write smtp:// for a server without TLS'] : []),
    ...(isLocal ? [] : [`has tls=off for ${host}; only localhost, 127.0.0.1 and [::1] may go without TLS`]),
    ...(user === '' ? [] : ['has tls=off and a user; no password is sent without TLS']),
  ];
}

function parameter(key: string, value: string): Partial<Provider> {
  if (!Object.hasOwn(parameters, key)) {
    const known = Object.keys(parameters).join(', ');
    throw new Error(`has an unknown parameter${/^[a-z]{1,20}$/i.test(key) ? ` "${key}"` : ''}; known are ${known}`);
  }
  try {
    return parameters[key as keyof typeof parameters](value);
  } catch (error) {
    throw new Error(`has ${(error as Error).message}`);
  }
}

/** True for an address of this machine only. */
export function isLoopback(address: string): boolean {
  return /^127(?:\.\d{1,3}){3}$|^::1$/.test(address);
}

/** A host name in ASCII, or an address; undefined when it is neither. */
function hostName(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  // domainToASCII drops line breaks.
  const ascii = /\s/.test(host) ? '' : domainToASCII(host);
  return /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?$/.test(ascii) && !ascii.includes('..') ? ascii : undefined;
}

/** A host name, or an address literal such as `[192.0.2.1]` (RFC 5321 section 4.1.3). */
function ehloName(name: string): string {
  const literal = /^\[(IPv6:)?(.*)\]$/i.exec(name);
  const valid = literal === null ? hostName(name) : isIP(literal[2] ?? '') === (literal[1] === undefined ? 4 : 6) ? name : undefined;
  if (valid === undefined) throw new Error('an ehlo that is not a host name such as mail.example.com');
  return valid;
}

/** `14/s`, `600/m`, `2000/h`, `50000/d`. */
function perSecond(rate: string): number {
  const match = /^([1-9]\d{0,6})\/([smhd])$/.exec(rate);
  if (!match) throw new Error('a rate that is not like 14/s, 600/m, 2000/h or 50000/d');
  return Number(match[1]) / { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as 's' | 'm' | 'h' | 'd'];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a user or password with a stray %; write a percent sign as %25');
  }
}
