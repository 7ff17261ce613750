/** Who a user of the provider is here, and what the user may do: by the claims that the settings name. */
import { mayActAs, type Role, ssoNamePrefix } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import { OidcRefusal } from './oidc-refusals.ts';
import type { OidcSettings } from './oidc-settings.ts';

/** A user of the provider. */
export interface OidcUser {
  /** Begins with `ssoNamePrefix`, which no local user's name can contain. */
  name: string;
  role: Role;
  /** The `sub` claim: within the issuer the only one that is never given to somebody else (OpenID Connect Core 1.0 section 5.7). */
  subject: string;
}

type Claims = Readonly<Record<string, unknown>>;
type ClaimSettings = Pick<OidcSettings, 'nameClaim' | 'roleClaim' | 'roles'>;

/** Whether the claims have what `userOf` needs; if not, userinfo may have it. */
export function hasNeededClaims(claims: Claims, { nameClaim, roleClaim }: ClaimSettings): boolean {
  return claimOf(claims, nameClaim) !== undefined && claimOf(claims, roleClaim) !== undefined;
}

/** @param claims of a verified ID token, and of userinfo @throws OidcRefusal, with the user's name where that is known */
export function oidcUserOf(claims: Claims, settings: ClaimSettings): OidcUser {
  const name = nameOf(claims, settings.nameClaim);
  try {
    return { name, role: roleOf(claims, settings), subject: String(claims['sub']) };
  } catch (error) {
    if (error instanceof OidcRefusal) error.who = name;
    throw error;
  }
}

function nameOf(claims: Claims, claim: string): string {
  requireVerified(claims, claim);
  const value = claimOf(claims, claim);
  if (typeof value !== 'string' || value === '') throw new OidcRefusal('name-missing', claim);
  // Blanks and invisible characters could make two names look alike.
  if (value.length > limits.oidc.nameLength || /[\p{C}\p{Z}]/u.test(value)) throw new OidcRefusal('name-invalid', claim);
  return ssoNamePrefix + value;
}

/** The greatest of the roles that the values are mapped to. */
function roleOf(claims: Claims, { roleClaim, roles }: ClaimSettings): Role {
  requireVerified(claims, roleClaim);
  const value = claimOf(claims, roleClaim);
  if (value === undefined) throw new OidcRefusal('role-claim-missing', roleClaim);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > limits.oidc.claimValues) throw new OidcRefusal('role-not-mapped', `${values.length} values`);
  const found = values.map((each) => (typeof each === 'string' ? roles.get(each) : undefined)).filter((role) => role !== undefined);
  const [first, ...others] = found;
  if (first === undefined) throw new OidcRefusal('role-not-mapped', roleClaim);
  return others.reduce((greatest, role) => (mayActAs(greatest, role) ? role : greatest), first);
}

/** Many providers let users write any address there. */
function requireVerified(claims: Claims, claim: string): void {
  if (claim === 'email' && claims['email'] !== undefined && claims['email_verified'] !== true) throw new OidcRefusal('email-unverified');
}

/** A claim by its whole name, which may be a URL, or by its path in nested objects: `realm_access.roles`. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name] ?? undefined;
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value ?? undefined;
}
