/**
 * API keys in Redis: made, rotated, limited and revoked while everything runs. Of a key's text only the SHA-256 is stored. Mails, idempotency
 * keys and rate belong to the name of a key, which rotation keeps.
 */
import { createApiKey, formatKeyRights, hashApiKey, type KeyRights, parseKeyRights, RightsError } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { apiKeysKey, apiKeysUsedKey, apiKeysVersionKey } from '../redis/keys.ts';
import { type DirectoryAdmin, SealedDirectory, timesByName } from './sealed-directory.ts';

/** A key as it is stored, sealed. Times are ms since the epoch. */
interface StoredKey {
  /** As text. */
  rights: string;
  /** SHA-256 in hex of the key's texts, the newest first; `until` when one ends. */
  hashes: { hash: string; until?: number }[];
  createdAt: number;
  createdBy: string;
}

/** An API key, without its text. */
export interface ApiKeyInfo extends Omit<StoredKey, 'rights' | 'hashes'> {
  name: string;
  rights: KeyRights;
  hashes: readonly { hash: string; until?: number }[];
  /** When it was last used, to within some seconds; absent when it was not. */
  usedAt?: number;
}

/** Every method throws QueueUnavailable when Redis does not answer. */
export class ApiKeys {
  readonly #connection: RequestConnection;
  readonly #directory: SealedDirectory<StoredKey>;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
    const keys = { entries: apiKeysKey, version: apiKeysVersionKey };
    const noun = { article: 'an', name: 'API key' } as const;
    this.#directory = new SealedDirectory(connection, keys, { purpose: 'api-key', noun, remove: 'revoke', maxEntries: limits.apiKeys });
  }

  /** The number of the latest change; '' before the first. */
  async version(): Promise<string> {
    return await this.#directory.version();
  }

  /** All keys by name, and the names of those that cannot be read with this POSTHOUSE_SECRET, or have rights that this version does not know. */
  async list(): Promise<{ keys: ApiKeyInfo[]; unreadable: string[] }> {
    const [entries, times] = await Promise.all([
      this.#directory.list(),
      this.#connection.run(({ redis }) => redis.hgetall(apiKeysUsedKey)),
    ]);
    const used = timesByName(times);
    const read = entries.map(({ name, value }) => ({ name, info: value && infoOf(name, value, used.get(name)) }));
    return {
      keys: read.flatMap(({ info }) => info ?? []),
      unreadable: read.filter(({ info }) => info === undefined).map(({ name }) => name),
    };
  }

  /**
   * Makes a key.
   * @returns its text, which is stored nowhere
   * @throws DirectoryError
   */
  async create(name: string, rights: KeyRights, by: DirectoryAdmin): Promise<string> {
    const key = createApiKey();
    const stored = { rights: formatKeyRights(rights), hashes: [{ hash: hashApiKey(key) }], createdAt: Date.now(), createdBy: by.who };
    await this.#directory.requireFree(name);
    await this.#directory.change({ name, before: undefined, value: stored, by, action: 'create API key', detail: stored.rights });
    return key;
  }

  /**
   * Gives a key a new text. An older text that is still valid ends at once.
   * @param overlapMs how long the present text stays valid
   * @returns the new text, which is stored nowhere
   * @throws DirectoryError
   */
  async rotate(name: string, overlapMs: number, by: DirectoryAdmin): Promise<string> {
    const key = createApiKey();
    const { entry: before, value } = await this.#directory.require(name);
    // Processes may have different clocks.
    const until = (await this.#connection.run(({ clock }) => clock.now())) + overlapMs;
    const previous = overlapMs > 0 ? value.hashes.slice(0, 1).map(({ hash }) => ({ hash, until })) : [];
    const detail = overlapMs > 0 ? `the previous key ends at ${new Date(until).toISOString()}` : 'the previous key ended';
    const rotated = { ...value, hashes: [{ hash: hashApiKey(key) }, ...previous] };
    await this.#directory.change({ name, before, value: rotated, by, action: 'rotate API key', detail });
    return key;
  }

  /** Replaces the rights of a key. @throws DirectoryError */
  async limit(name: string, rights: KeyRights, by: DirectoryAdmin): Promise<void> {
    const { entry: before, value } = await this.#directory.require(name);
    const changed = { ...value, rights: formatKeyRights(rights) };
    const detail = `${changed.rights}, before: ${value.rights}`;
    await this.#directory.change({ name, before, value: changed, by, action: 'limit API key', detail });
  }

  /** Ends a key. Its mails stay, and belong to its name. @throws DirectoryError */
  async revoke(name: string, by: DirectoryAdmin): Promise<void> {
    const before = await this.#directory.requireEntry(name);
    await this.#directory.change({ name, before, value: undefined, by, action: 'revoke API key' });
    await this.#connection.run(({ redis }) => redis.hdel(apiKeysUsedKey, name));
  }

  /** Stores when keys were last used. @param times ms since the epoch, by name */
  async storeUse(times: ReadonlyMap<string, number>): Promise<void> {
    if (times.size > 0) await this.#connection.run(({ redis }) => redis.hset(apiKeysUsedKey, Object.fromEntries(times)));
  }

  /** Seals again with the present key what another one of POSTHOUSE_SECRET has sealed; `unreadable`: names of what none of them opens. */
  async reseal(): Promise<{ resealed: number; unreadable: string[] }> {
    return await this.#directory.reseal();
  }
}

/** @returns undefined where its rights cannot be parsed: the other keys must work */
function infoOf(name: string, { rights, ...stored }: StoredKey, usedAt: number | undefined): ApiKeyInfo | undefined {
  try {
    return { name, rights: parseKeyRights(rights), ...stored, ...(usedAt !== undefined && { usedAt }) };
  } catch (error) {
    if (error instanceof RightsError) return undefined;
    throw error;
  }
}
