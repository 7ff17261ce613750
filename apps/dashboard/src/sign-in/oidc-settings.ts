/** Reads how single sign-on works: the variables that begin with `OIDC_`, and DASHBOARD_URL. Without OIDC_ISSUER there is none. */
import { createHash } from 'node:crypto';
import { type Role, roles } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { certificateFile, type EnvReader, type Parser, text } from '@posthouse/runtime';

/** One OpenID Connect provider, and who gets which role. */
export interface OidcSettings {
  /** As the provider states it, an https URL. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Blank-separated; `openid` is one of them. */
  scope: string;
  /** The claim that names the user in the dashboard and in the audit log. */
  nameClaim: string;
  /** The claim whose value, or values, decide the role. */
  roleClaim: string;
  /** By value of the role claim. A user with none of them gets no access. */
  roles: ReadonlyMap<string, Role>;
  /** The origin of the dashboard as browsers see it. */
  dashboardUrl: string;
  /** PEM of certificate authorities to trust besides the public ones. */
  ca: string | undefined;
  /** The text of the button on the sign-in page. */
  button: string;
}

/** Without OIDC_ISSUER each of these has no effect, and is an error. */
const further = [
  ...['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_CLIENT_SECRET_FILE', 'OIDC_ROLE_CLAIM', 'OIDC_ROLES'],
  ...['OIDC_NAME_CLAIM', 'OIDC_SCOPE', 'OIDC_CA_FILE', 'OIDC_BUTTON'],
];

/** @returns undefined where single sign-on is not configured */
export function readOidcSettings(read: EnvReader): OidcSettings | undefined {
  if (read.optional('OIDC_ISSUER', text) === undefined) {
    const set = further.filter((name) => read.optional(name, text) !== undefined);
    if (set.length > 0) read.addIssue(`OIDC_ISSUER is not set, and ${set.join(', ')} can only be used with it: set or unset all of them`);
    read.optional('DASHBOARD_URL', originUrl);
    return undefined;
  }
  return {
    issuer: read.required('OIDC_ISSUER', issuerUrl, ''),
    clientId: read.required('OIDC_CLIENT_ID', text, 'Set it to the id that the provider gave to this client.'),
    clientSecret: read.orFile.required('OIDC_CLIENT_SECRET', text, 'Set it to the secret that the provider gave to this client.'),
    scope: read.withDefault('OIDC_SCOPE', scopes, 'openid profile email'),
    nameClaim: read.withDefault('OIDC_NAME_CLAIM', text, 'preferred_username'),
    roleClaim: read.required('OIDC_ROLE_CLAIM', text, 'Set it to the claim that decides the role, such as groups or roles.'),
    roles: read.required('OIDC_ROLES', roleMap, 'Set it to value=role,…, such as posthouse-admins=admin,support=operator.'),
    dashboardUrl: read.required(
      'DASHBOARD_URL',
      originUrl,
      'Set it to the URL that browsers open, such as https://posthouse.example.com: the provider returns users to it.',
    ),
    ca: read.optional('OIDC_CA_FILE', certificateFile),
    button: read.withDefault('OIDC_BUTTON', text, 'Sign in with single sign-on'),
  };
}

/** A fingerprint of who gets which role. A session keeps the one it was opened with, and ends when the settings change. */
export function oidcProof({ issuer, clientId, nameClaim, roleClaim, roles }: OidcSettings): string {
  const settings = JSON.stringify([issuer, clientId, nameClaim, roleClaim, ...roles]);
  return createHash('sha256').update(settings).digest('hex').slice(0, 16);
}

const issuerUrl: Parser<string> = (raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must be an https:// URL without user, ? and #');
  if (url.pathname.includes('/.well-known/')) throw new Error('must be the issuer: leave out what begins with /.well-known/');
  return raw;
};

/** TLS, except to this machine. */
const originUrl: Parser<string> = (raw) => {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  const isLoopback = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url === undefined || `${url.origin}/` !== url.href || !(url.protocol === 'https:' || isLoopback))
    throw new Error('must be an https:// URL without a path, such as https://posthouse.example.com; http:// only for this machine');
  return url.origin;
};

const scopes: Parser<string> = (raw) => {
  if (!raw.split(/\s+/).includes('openid')) throw new Error('must contain openid, such as: openid profile email groups');
  return raw;
};

/** `value=role,…`. A comma or a % in a value is percent-encoded, as %2C and %25. */
const roleMap: Parser<ReadonlyMap<string, Role>> = (raw) => {
  const byValue = new Map<string, Role>();
  const issues: string[] = [];
  const entries = raw.split(',');
  entries.forEach((entry, index) => {
    const at = entry.lastIndexOf('=');
    const value = decoded(entry.slice(0, Math.max(at, 0)).trim());
    const role = roles.find((known) => known === entry.slice(at + 1).trim());
    const report = (issue: string) => issues.push(`entry ${index + 1}: ${issue}`);
    if (value === undefined) report('the value is empty, or has a % that is not part of %2C or the like');
    else if (byValue.has(value)) report('the value is used twice');
    if (role === undefined) report(`the role must be one of ${roles.join(', ')}`);
    if (value !== undefined && role !== undefined) byValue.set(value, role);
  });
  if (entries.length > limits.oidc.roles) issues.push(`there are more than ${limits.oidc.roles} entries`);
  if (issues.length > 0) throw new Error(`must be value=role,…; ${issues.join('; ')}`);
  return byValue;
};

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value) || undefined;
  } catch {
    return undefined;
  }
}
