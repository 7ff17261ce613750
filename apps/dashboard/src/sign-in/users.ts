/** The users of the dashboard that DASHBOARD_USERS lists. */
import { isPasswordHash, isValidName, type Role, roles } from '@posthouse/access';
import type { Parser } from '@posthouse/runtime';

/** A user in the configuration. */
interface ConfiguredUser {
  role: Role;
  /** Hash of the password. */
  hash: string;
}

/** By name. */
export type Users = ReadonlyMap<string, ConfiguredUser>;

/** Parser of DASHBOARD_USERS: `name:role:hash,…`. Its error lists every invalid entry by its number, without the hash. */
export const users: Parser<Users> = (raw) => {
  const byName = new Map<string, ConfiguredUser>();
  const issues: string[] = [];
  raw.split(',').forEach((entry, index) => {
    const [name = '', role, hash = '', ...more] = entry.trim().split(':');
    const known = roles.find((candidate) => candidate === role);
    const report = (issue: string) => issues.push(`entry ${index + 1}: ${issue}`);
    if (!isValidName(name)) report('the name must have 1 to 64 letters, digits, dots, dashes or underscores');
    if (byName.has(name)) report('the name is used twice');
    if (known === undefined) report(`the role must be one of ${roles.join(', ')}`);
    if (!isPasswordHash(hash) || more.length > 0) report('the password hash must be one that `npm run users` prints');
    byName.set(name, { role: known ?? 'viewer', hash });
  });
  if (issues.length > 0) throw new Error(`must be name:role:hash,… as printed by \`npm run users -- <name>\`; ${issues.join('; ')}`);
  return byName;
};
