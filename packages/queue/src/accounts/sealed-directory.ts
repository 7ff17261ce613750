/**
 * Named entries that several processes read and change: API keys and users. Each entry is sealed for its name, so that nobody can add or
 * alter one by writing to Redis. A change of any entry gives the directory a new version, which processes poll. Changes are in the audit log.
 */
import type { RequestConnection } from '../connection/request-connection.ts';
import { maxTime } from '../record/record-shape.ts';
import { sealingKeyId } from '../record/sealer.ts';
import { auditKey, secretsKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { replaceEntry } from './account-scripts.ts';
import { AuditLog, notAudited } from './audit-log.ts';

/** The keys in Redis of one directory. */
export interface DirectoryKeys {
  entries: string;
  version: string;
}

/** What the entries of a directory are, also in the messages of errors. */
export interface DirectoryKind {
  /** What an entry is sealed for, so that one of another directory cannot be put here. */
  purpose: string;
  /** Of one entry, with its article. */
  noun: { article: 'a' | 'an'; name: string };
  /** What ends an entry. */
  remove: 'revoke' | 'remove';
  maxEntries: number;
}

/** An entry; `value` is absent where it cannot be decrypted. */
export interface DirectoryEntry<T> {
  name: string;
  value?: T;
  /** As it is stored: a change compares it. */
  stored: Buffer;
}

/** Who changes an entry, for the audit log. */
export interface DirectoryAdmin {
  who: string;
  role: string;
}

/** One change: the entry as it was read, and what is to be stored. */
export interface EntryChange<T> {
  name: string;
  /** Undefined where there was none. */
  before: DirectoryEntry<T> | undefined;
  /** Undefined deletes the entry. */
  value: T | undefined;
  by: DirectoryAdmin;
  action: string;
  detail?: string;
  /** The version that the directory must have, for a change that depends on the other entries. */
  version?: string;
}

/** A change that is not possible. The message says why and what to do; nothing was changed. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly kind: 'exists' | 'missing' | 'unreadable' | 'changed' | 'full' | 'last-admin';

  constructor(kind: DirectoryError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Every method throws QueueUnavailable when Redis does not answer. */
export class SealedDirectory<T> {
  readonly #connection: RequestConnection;
  readonly #keys: DirectoryKeys;
  readonly #kind: DirectoryKind;
  readonly #audit: AuditLog;

  constructor(connection: RequestConnection, keys: DirectoryKeys, kind: DirectoryKind) {
    this.#connection = connection;
    this.#keys = keys;
    this.#kind = kind;
    this.#audit = new AuditLog(connection);
  }

  /** The number of the latest change; '' before the first. A restored copy of Redis has another number than what was lost. */
  async version(): Promise<string> {
    return await this.#connection.run(async ({ redis }) => (await redis.get(this.#keys.version)) ?? '');
  }

  /** How many entries there are, readable or not. */
  async count(): Promise<number> {
    return await this.#connection.run(({ redis }) => redis.hlen(this.#keys.entries));
  }

  /** All entries, by name. */
  async list(): Promise<DirectoryEntry<T>[]> {
    const stored = await this.#connection.run(({ redis }) => redis.hgetallBuffer(this.#keys.entries));
    return Object.entries(stored)
      .map(([name, entry]) => this.#entry(name, entry))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(name: string): Promise<DirectoryEntry<T> | undefined> {
    const stored = await this.#connection.run(({ redis }) => redis.hgetBuffer(this.#keys.entries, name));
    return stored === null ? undefined : this.#entry(name, stored);
  }

  /** An entry that can be read. @throws DirectoryError `missing` or `unreadable` */
  async require(name: string): Promise<{ entry: DirectoryEntry<T>; value: T }> {
    const entry = await this.requireEntry(name);
    if (entry.value !== undefined) return { entry, value: entry.value };
    const { noun, remove } = this.#kind;
    throw new DirectoryError(
      'unreadable',
      `The ${noun.name} ${name} cannot be read with this POSTHOUSE_SECRET. Add the key that it was sealed with, or ${remove} it.`,
    );
  }

  /** An entry, readable or not. @throws DirectoryError `missing` */
  async requireEntry(name: string): Promise<DirectoryEntry<T>> {
    const entry = await this.find(name);
    if (entry === undefined) throw new DirectoryError('missing', `There is no ${this.#kind.noun.name} of the name ${name} in Redis.`);
    return entry;
  }

  /** @throws DirectoryError `exists` */
  async requireFree(name: string): Promise<void> {
    const { article, name: noun } = this.#kind.noun;
    if ((await this.find(name)) !== undefined)
      throw new DirectoryError('exists', `There is ${article} ${noun} of the name ${name} already. Choose another name.`);
  }

  /** Stores or deletes an entry, unless it has changed since it was read. @throws DirectoryError `changed` or `full` */
  async change({ name, before, value, by, action, detail, version = '' }: EntryChange<T>): Promise<void> {
    const { noun, maxEntries, remove } = this.#kind;
    const entry = this.#audit.scriptArguments({ ...by, action, ...(detail !== undefined && { detail }) });
    const result = await this.#store(name, before, value, version, entry);
    if (result === 'full')
      throw new DirectoryError('full', `There are ${maxEntries} ${noun.name}s, which is the limit. First ${remove} one that is not used.`);
    if (result === 'changed') throw this.conflict(name);
  }

  /** The error of a change of something that somebody else has changed since it was read. */
  conflict(name: string): DirectoryError {
    const issue = `The ${this.#kind.noun.name} ${name} was changed by somebody else at the same time.`;
    return new DirectoryError('changed', `${issue} Nothing was changed; look at it and try again.`);
  }

  /**
   * Seals again what was sealed with another key of POSTHOUSE_SECRET than the one that seals now.
   * @returns how many entries were sealed again, and the names of those that cannot be read
   */
  async reseal(): Promise<{ resealed: number; unreadable: string[] }> {
    let resealed = 0;
    const unreadable: string[] = [];
    for (const { name } of await this.list()) {
      let result: string | null = 'changed';
      while (result === 'changed') {
        const entry = await this.find(name);
        if (entry !== undefined && entry.value === undefined) unreadable.push(name);
        const isPresent = entry?.value === undefined || sealingKeyId(entry.stored) === this.#connection.sealer.sealingId;
        result = isPresent ? null : await this.#store(name, entry, entry.value);
      }
      if (result === 'stored') resealed++;
    }
    return { resealed, unreadable };
  }

  /** @param audited what the audit log gets in the same step, so that no change is without its entry */
  async #store(
    name: string,
    before: DirectoryEntry<T> | undefined,
    value: T | undefined,
    atVersion = '',
    audited = notAudited,
  ): Promise<string | null> {
    const { fields, sealer } = this.#connection;
    const sealed = value === undefined ? '' : sealer.seal(JSON.stringify(value), this.#context(name));
    const args = { name, expected: before?.stored ?? '', value: sealed, max: this.#kind.maxEntries, atVersion };
    const keys = { ...this.#keys, secrets: secretsKey, audit: auditKey };
    return await this.#connection.run(({ redis }) => runScript(redis, replaceEntry, keys, { ...args, ...audited, ...fields.keyCheckArgs }));
  }

  #entry(name: string, stored: Buffer): DirectoryEntry<T> {
    try {
      return { name, stored, value: JSON.parse(this.#connection.sealer.decrypt(stored, this.#context(name))) as T };
    } catch {
      // It was altered, or sealed with a key that this process does not have. The other entries must work.
      return { name, stored };
    }
  }

  #context(name: string): string {
    return `${this.#kind.purpose}/${name}`;
  }
}

/**
 * Times that are stored beside a directory, in ms since the epoch, by name; those that were edited to something else are left out. A map,
 * because a name may be that of a property of every object, such as "constructor".
 */
export function timesByName(stored: Readonly<Record<string, string>>): ReadonlyMap<string, number> {
  const times = Object.entries(stored).map(([name, at]) => [name, Number(at)] as const);
  return new Map(times.filter(([, at]) => at >= 0 && at <= maxTime));
}
