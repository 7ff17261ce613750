/** A provider: one SMTP account, as `SMTP_URL` names it. */

/** Where and how to hand over mail. */
export interface Provider {
  /** `?name=`, else the host. It stands in records and logs. */
  name: string;
  host: string;
  port: number;
  /** `tls` from the first byte (RFC 8314, port 465), or STARTTLS that is required before anything else is said (port 587). */
  security: 'tls' | 'starttls';
  /** Absent for a relay that takes mail from this network without a login. */
  credentials?: { user: string; pass: string };
  /** Connections at the most, of one process. */
  pool: number;
}

const defaultPool = 5;

/**
 * Reads `SMTP_URL`: one URL or several in order of preference, split only where a comma is followed by a scheme,
 * since a password may hold a comma.
 * @throws with words that complete the sentence "SMTP_URL …"; credentials are never in them
 */
export function smtpProviders(raw: string): Provider[] {
  const providers = raw.split(/,(?=smtps?:\/\/)/).map(provider);
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`names the provider "${twice}" twice; tell them apart with ?name=`);
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
    if (parameter !== 'name' && parameter !== 'pool') throw new Error(`has an unknown parameter "${parameter}"; known are name and pool`);
  }
  const pool = url.searchParams.get('pool') ?? String(defaultPool);
  if (!/^[1-9]\d{0,2}$/.test(pool)) throw new Error('has a pool that is not a whole number from 1 to 999');
  const security = url.protocol === 'smtps:' ? 'tls' : 'starttls';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    name: url.searchParams.get('name') || host,
    host,
    port: url.port === '' ? (security === 'tls' ? 465 : 587) : Number(url.port),
    security,
    ...(url.username !== '' && { credentials: { user: decoded(url.username), pass: decoded(url.password) } }),
    pool: Number(pool),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a user or password with a stray %; write a percent sign as %25');
  }
}
