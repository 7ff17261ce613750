/** A provider: one SMTP account, as `SMTP_URL` names it. */
import { createHash } from 'node:crypto';

/** Where and how to send mail. */
export interface Provider {
  /** `?name=`, else the host. Records and logs name the provider by it. */
  name: string;
  host: string;
  port: number;
  /** `tls` from the first byte (RFC 8314, port 465), or STARTTLS, required before the login (port 587). */
  security: 'tls' | 'starttls';
  /** Absent for a relay that accepts mail from this network without a login. */
  credentials?: { user: string; pass: string };
  /** Most connections of one process. */
  pool: number;
  /** Most mails per second of all workers together; absent for no limit. */
  ratePerSecond?: number;
  /** Identifies the account without revealing its credentials: workers with other credentials have their own circuit. */
  account: string;
}

const defaultPool = 5;

/**
 * Reads `SMTP_URL`: one URL or several in order of preference, split only where a comma is followed by a scheme,
 * since a password may hold a comma.
 * @throws with a message that completes the sentence "SMTP_URL …" and never contains credentials
 */
export function smtpProviders(raw: string): Provider[] {
  const providers = raw.split(/,(?=smtps?:\/\/)/).map(provider);
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
  if (url.username !== '' && url.password === '') throw new Error(`names a user for ${url.hostname} but no password`);
  for (const parameter of url.searchParams.keys()) {
    if (!['name', 'pool', 'rate'].includes(parameter))
      throw new Error(`has an unknown parameter "${parameter}"; known are name, pool and rate`);
  }
  const pool = url.searchParams.get('pool') ?? String(defaultPool);
  if (!/^[1-9]\d{0,2}$/.test(pool)) throw new Error('has a pool that is not a whole number from 1 to 999');
  const security = url.protocol === 'smtps:' ? 'tls' : 'starttls';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = url.searchParams.get('name') || host;
  const rate = url.searchParams.get('rate');
  return {
    name,
    host,
    port: url.port === '' ? (security === 'tls' ? 465 : 587) : Number(url.port),
    security,
    ...(url.username !== '' && { credentials: { user: decoded(url.username), pass: decoded(url.password) } }),
    pool: Number(pool),
    ...(rate !== null && { ratePerSecond: perSecond(rate) }),
    account: `${name}:${createHash('sha256').update(`${url.username}:${url.password}@${url.host}`).digest('hex').slice(0, 12)}`,
  };
}

/** `14/s`, `600/m`, `2000/h`, `50000/d`. */
function perSecond(rate: string): number {
  const match = /^([1-9]\d{0,6})\/([smhd])$/.exec(rate);
  if (!match) throw new Error('has a rate that is not like 14/s, 600/m, 2000/h or 50000/d');
  return Number(match[1]) / { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as 's' | 'm' | 'h' | 'd'];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a user or password with a stray %; write a percent sign as %25');
  }
}
