/**
 * The users who can sign in: those of DASHBOARD_USERS and those in Redis. Where both have a name, DASHBOARD_USERS counts: anyone who can set it
 * can always get in. Users in Redis are looked up at each request, so that a change counts at once in every process.
 */
import { createHash } from 'node:crypto';
import { isValidName, type Role } from '@posthouse/access';
import type { Session, UserDirectory } from '@posthouse/queue';
import type { Users } from './users.ts';

/** A user who can sign in. */
export interface User {
  name: string;
  role: Role;
  /** Where the user is kept: `environment` is DASHBOARD_USERS, which the dashboard cannot change. */
  keptIn: 'environment' | 'redis';
  /** Hash of the password. */
  hash: string;
  /** Fingerprint of the hash. A session keeps the one it was opened with, and ends when the password changes. */
  proof: string;
  /** Whether the user has to choose another password before anything else. */
  isTemporary: boolean;
}

/** Finds users by name and by session. Every method throws QueueUnavailable when Redis is needed and does not answer. */
export class Accounts {
  /** Those of DASHBOARD_USERS. */
  readonly configured: Users;
  readonly directory: UserDirectory;
  readonly #ssoProof: string | undefined;

  /** @param ssoProof a fingerprint of the settings of single sign-on; undefined where there is none */
  constructor(configured: Users, directory: UserDirectory, ssoProof?: string) {
    this.configured = configured;
    this.directory = directory;
    this.#ssoProof = ssoProof;
  }

  /** The user of a name, which may be any text. */
  async find(name: string): Promise<User | undefined> {
    const configured = this.configured.get(name);
    if (configured !== undefined)
      return { name, ...configured, proof: proofOf(configured.hash), keptIn: 'environment', isTemporary: false };
    const stored = isValidName(name) ? await this.directory.find(name) : undefined;
    if (stored === undefined) return undefined;
    const { role, hash, isTemporary } = stored;
    return { name, role, hash, isTemporary, proof: proofOf(hash), keptIn: 'redis' };
  }

  /** The user of a session; undefined when the user was removed, or the password or the settings of single sign-on have changed since. */
  async ofSession({ name, proof, roleSource, role }: Session): Promise<Pick<User, 'name' | 'role' | 'isTemporary'> | undefined> {
    if (roleSource === 'provider') return role !== undefined && proof === this.#ssoProof ? { name, role, isTemporary: false } : undefined;
    const user = await this.find(name);
    return user?.proof === proof ? user : undefined;
  }

  /** Whether nobody can sign in, because there is no user. */
  async isEmpty(): Promise<boolean> {
    return this.configured.size === 0 && (await this.directory.count()) === 0;
  }
}

/** What a session keeps of a password. @param hash of the password */
export function proofOf(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 16);
}
