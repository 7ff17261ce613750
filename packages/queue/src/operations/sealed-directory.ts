/**
 * Named entries that several processes read and change, such as API keys. Each entry is sealed for its name, so that nobody can add or
 * alter one by writing to Redis. A change of any entry gives the directory a new version, which processes poll.
 */
import type { RequestConnection } from '../connection/request-connection.ts';
import { runScript } from '../redis/script.ts';
import { replaceEntry } from './operation-scripts.ts';

/** The keys in Redis of one directory. */
export interface DirectoryKeys {
  entries: string;
  version: string;
}

/** An entry; `value` is absent where it cannot be decrypted. */
export interface DirectoryEntry<T> {
  name: string;
  value?: T;
  /** As it is stored: `replace` compares it. */
  stored: Buffer;
}

/** Every method throws QueueUnavailable when Redis does not answer. */
export class SealedDirectory<T> {
  readonly #connection: RequestConnection;
  readonly #keys: DirectoryKeys;
  readonly #purpose: string;
  readonly #maxEntries: number;

  /** @param purpose what the entries are, so that one of another directory cannot be put here */
  constructor(connection: RequestConnection, keys: DirectoryKeys, { purpose, maxEntries }: { purpose: string; maxEntries: number }) {
    this.#connection = connection;
    this.#keys = keys;
    this.#purpose = purpose;
    this.#maxEntries = maxEntries;
  }

  /** The number of the latest change; '' before the first. A restored copy of Redis has another number than what was lost. */
  async version(): Promise<string> {
    return await this.#connection.run(async ({ redis }) => (await redis.get(this.#keys.version)) ?? '');
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

  /**
   * Stores or deletes an entry, unless it has changed since it was read.
   * @param before the entry as it was read; undefined where there was none
   * @param value undefined deletes it
   * @returns 'full' where there are too many entries
   */
  async replace(name: string, before: DirectoryEntry<T> | undefined, value: T | undefined): Promise<'stored' | 'changed' | 'full'> {
    const sealed = value === undefined ? '' : this.#connection.sealer.seal(JSON.stringify(value), this.#context(name));
    const args = { now: Date.now(), name, expected: before?.stored ?? '', value: sealed, max: this.#maxEntries };
    const result = await this.#connection.run(({ redis }) => runScript(redis, replaceEntry, this.#keys, args));
    return result as 'stored' | 'changed' | 'full';
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
    return `${this.#purpose}/${name}`;
  }
}
