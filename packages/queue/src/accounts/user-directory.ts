/** The users of the dashboard in Redis: made, changed and removed while everything runs. Of a password only the hash is stored. */
import type { Role } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { savedFiltersKey, usersKey, usersSignedInKey, usersVersionKey } from '../redis/keys.ts';
import { type DirectoryAdmin, DirectoryError, SealedDirectory, timesByName } from './sealed-directory.ts';

/** What a user signs in with. */
export interface UserPassword {
  /** As `hashPassword` returns it. */
  hash: string;
  /** Whether the user has to choose another password before anything else, because somebody else knows this one. */
  isTemporary: boolean;
}

/** A user as it is stored, sealed. */
interface StoredUser extends UserPassword {
  role: Role;
  /** ms since the epoch. */
  createdAt: number;
  createdBy: string;
}

/** A user in Redis. */
export interface StoredUserInfo extends StoredUser {
  name: string;
  /** The last sign-in, in ms since the epoch; absent before the first. */
  signedInAt?: number;
}

type ConfiguredUsers = ReadonlyMap<string, { role: Role }>;

/** Every method throws QueueUnavailable when Redis does not answer. */
export class UserDirectory {
  readonly #connection: RequestConnection;
  readonly #directory: SealedDirectory<StoredUser>;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
    const keys = { entries: usersKey, version: usersVersionKey };
    const noun = { article: 'a', name: 'user' } as const;
    this.#directory = new SealedDirectory(connection, keys, { purpose: 'user', noun, remove: 'remove', maxEntries: limits.users });
  }

  /** How many users are in Redis, readable or not. */
  async count(): Promise<number> {
    return await this.#directory.count();
  }

  /** All users by name, and the names of those that cannot be read with this POSTHOUSE_SECRET. */
  async list(): Promise<{ users: StoredUserInfo[]; unreadable: string[] }> {
    const [entries, signedIn] = await Promise.all([this.#directory.list(), this.signIns()]);
    return {
      users: entries.flatMap(({ name, value }) => {
        const signedInAt = signedIn.get(name);
        return value === undefined ? [] : [{ name, ...value, ...(signedInAt !== undefined && { signedInAt }) }];
      }),
      unreadable: entries.filter(({ value }) => value === undefined).map(({ name }) => name),
    };
  }

  /** The user of a name, without the last sign-in; undefined where there is none that can be read. */
  async find(name: string): Promise<StoredUserInfo | undefined> {
    const value = (await this.#directory.find(name))?.value;
    return value && { name, ...value };
  }

  /** @throws DirectoryError */
  async create(name: string, role: Role, password: UserPassword, by: DirectoryAdmin): Promise<void> {
    await this.#directory.requireFree(name);
    const value = { role, ...password, createdAt: Date.now(), createdBy: by.who };
    await this.#directory.change({ name, before: undefined, value, by, action: 'create user', detail: role });
  }

  /**
   * @param configured the users outside Redis, whose names hide those in Redis; undefined where the last admin may be changed
   * @throws DirectoryError
   */
  async setRole(name: string, role: Role, by: DirectoryAdmin, configured?: ConfiguredUsers): Promise<void> {
    const version = role === 'admin' ? '' : await this.#requireOtherAdmin(name, configured);
    const { entry: before, value } = await this.#directory.require(name);
    const detail = `${role}, before: ${value.role}`;
    await this.#directory.change({ name, before, value: { ...value, role }, by, action: 'change role', detail, version });
  }

  /**
   * @param action for the audit log
   * @param presentHash the hash that the user must have, where the present password was checked
   * @throws DirectoryError
   */
  async setPassword(
    name: string,
    password: UserPassword,
    by: DirectoryAdmin,
    action: 'reset password' | 'change password',
    presentHash?: string,
  ): Promise<void> {
    const { entry: before, value } = await this.#directory.require(name);
    if (presentHash !== undefined && presentHash !== value.hash) throw this.#directory.conflict(name);
    await this.#directory.change({ name, before, value: { ...value, ...password }, by, action });
  }

  /** @param configured as for `setRole`. @throws DirectoryError */
  async remove(name: string, by: DirectoryAdmin, configured?: ConfiguredUsers): Promise<void> {
    const version = await this.#requireOtherAdmin(name, configured);
    const before = await this.#directory.requireEntry(name);
    await this.#directory.change({ name, before, value: undefined, by, action: 'remove user', version });
    await this.#connection.run(({ redis }) => Promise.all([redis.hdel(usersSignedInKey, name), redis.del(savedFiltersKey(name))]));
  }

  /** Notes that a user has signed in, whether the user is in Redis or in the configuration. */
  async noteSignIn(name: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hset(usersSignedInKey, name, Date.now()));
  }

  /** The last sign-ins, in ms since the epoch, by name. */
  async signIns(): Promise<ReadonlyMap<string, number>> {
    const times = await this.#connection.run(({ redis }) => redis.hgetall(usersSignedInKey));
    return timesByName(times);
  }

  /** Seals again with the present key what another one of POSTHOUSE_SECRET has sealed; `unreadable`: names of what none of them opens. */
  async reseal(): Promise<{ resealed: number; unreadable: string[] }> {
    return await this.#directory.reseal();
  }

  /** @returns the version of the directory in which there is another admin, '' where that does not matter */
  async #requireOtherAdmin(name: string, configured: ConfiguredUsers | undefined): Promise<string> {
    if (configured === undefined || [...configured.values()].some(({ role }) => role === 'admin')) return '';
    // Read before the users: after a change in between, the version is no longer right.
    const version = await this.#directory.version();
    const users = (await this.#directory.list()).filter((entry) => !configured.has(entry.name));
    const admins = users.filter(({ value }) => value?.role === 'admin').map((entry) => entry.name);
    if (admins.length === 1 && admins[0] === name)
      throw new DirectoryError('last-admin', `${name} is the last admin. First make another user an admin.`);
    return version;
  }
}
