/** Who may sign in: the people that DASHBOARD_USERS names. */
import { createHash } from 'node:crypto';
import { isPasswordHash, type Role, roles } from '@posthouse/access';
import type { Parser } from '@posthouse/runtime';

/** One of them. */
export interface User {
  name: string;
  role: Role;
  /** Of the password. */
  hash: string;
  /** A fingerprint of the hash; a session that was opened under another one has ended. */
  proof: string;
}

/** All of them, by name. */
export type Users = ReadonlyMap<string, User>;

/** `name:role:hash,…`: a parser of DASHBOARD_USERS. It names each faulty entry by its place. */
export const users: Parser<Users> = (raw) => {
  const named = new Map<string, User>();
  const issues: string[] = [];
  raw.split(',').forEach((entry, index) => {
    const [name = '', role, hash = '', ...more] = entry.trim().split(':');
    const known = roles.find((candidate) => candidate === role);
    const fault = (what: string) => issues.push(`entry ${index + 1} ${what}`);
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) fault('has no name of letters, digits, dot, dash and underscore');
    if (named.has(name)) fault('has the name of another one');
    if (known === undefined) fault(`has none of the roles ${roles.join(', ')}`);
    if (!isPasswordHash(hash) || more.length > 0) fault('has no password hash as `npm run users` makes it');
    named.set(name, { name, role: known ?? 'viewer', hash, proof: createHash('sha256').update(hash).digest('hex').slice(0, 16) });
  });
  if (issues.length > 0) throw new Error(`must be name:role:hash,… as printed by \`npm run users -- <name>\`; ${issues.join('; ')}`);
  return named;
};
