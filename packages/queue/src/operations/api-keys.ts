/**
 * API keys in Redis: made, rotated, limited and revoked while everything runs. Of a key's text only the SHA-256 is stored. Mails, idempotency
 * keys and rate belong to the name of a key, which rotation keeps.
 */
import { createApiKey, formatKeyRights, hashApiKey, type KeyRights, parseKeyRights } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { apiKeysKey, apiKeysUsedKey, apiKeysVersionKey } from '../redis/keys.ts';
import { AuditLog } from './audit-log.ts';
import { type DirectoryEntry, SealedDirectory } from './sealed-directory.ts';

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

/** Who changes a key, for the audit log. */
export interface KeyAdmin {
  who: string;
  role: string;
}

/** A change of a key that is not possible. The message says why and what to do; nothing was changed. */
export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError';
  readonly kind: 'exists' | 'missing' | 'unreadable' | 'changed' | 'full';

  constructor(kind: ApiKeyError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Every method throws QueueUnavailable when Redis does not answer. */
export class ApiKeys {
  readonly #connection: RequestConnection;
  readonly #directory: SealedDirectory<StoredKey>;
  readonly #audit: AuditLog;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
    const keys = { entries: apiKeysKey, version: apiKeysVersionKey };
    this.#directory = new SealedDirectory(connection, keys, { purpose: 'api-key', maxEntries: limits.apiKeys });
    this.#audit = new AuditLog(connection);
  }

  /** The number of the latest change; '' before the first. */
  async version(): Promise<string> {
    return await this.#directory.version();
  }

  /** All keys by name, and the names of those that cannot be read with this POSTHOUSE_SECRET. */
  async list(): Promise<{ keys: ApiKeyInfo[]; unreadable: string[] }> {
    const [entries, used] = await Promise.all([this.#directory.list(), this.#connection.run(({ redis }) => redis.hgetall(apiKeysUsedKey))]);
    return {
      keys: entries.flatMap(({ name, value }) => (value === undefined ? [] : [infoOf(name, value, used[name])])),
      unreadable: entries.filter(({ value }) => value === undefined).map(({ name }) => name),
    };
  }

  /**
   * Makes a key.
   * @returns its text, which is stored nowhere
   * @throws ApiKeyError
   */
  async create(name: string, rights: KeyRights, by: KeyAdmin): Promise<string> {
    const key = createApiKey();
    const stored = { rights: formatKeyRights(rights), hashes: [{ hash: hashApiKey(key) }], createdAt: Date.now(), createdBy: by.who };
    const before = await this.#directory.find(name);
    if (before !== undefined)
      throw new ApiKeyError('exists', `There is an API key of the name ${name} already. Rotate it, or choose another name.`);
    await this.#replace(name, undefined, stored, by, { action: 'create API key', detail: stored.rights });
    return key;
  }

  /**
   * Gives a key a new text. An older text that is still valid ends at once.
   * @param overlapMs how long the present text stays valid
   * @returns the new text, which is stored nowhere
   * @throws ApiKeyError
   */
  async rotate(name: string, overlapMs: number, by: KeyAdmin): Promise<string> {
    const key = createApiKey();
    const { entry, value } = await this.#find(name);
    const until = Date.now() + overlapMs;
    const previous = overlapMs > 0 ? value.hashes.slice(0, 1).map(({ hash }) => ({ hash, until })) : [];
    const detail = overlapMs > 0 ? `the previous key ends at ${new Date(until).toISOString()}` : 'the previous key ended';
    const rotated = { ...value, hashes: [{ hash: hashApiKey(key) }, ...previous] };
    await this.#replace(name, entry, rotated, by, { action: 'rotate API key', detail });
    return key;
  }

  /** Replaces the rights of a key. @throws ApiKeyError */
  async limit(name: string, rights: KeyRights, by: KeyAdmin): Promise<void> {
    const { entry, value } = await this.#find(name);
    const changed = { ...value, rights: formatKeyRights(rights) };
    await this.#replace(name, entry, changed, by, { action: 'limit API key', detail: `${changed.rights}, before: ${value.rights}` });
  }

  /** Ends a key. Its mails stay, and belong to its name. @throws ApiKeyError */
  async revoke(name: string, by: KeyAdmin): Promise<void> {
    const entry = await this.#directory.find(name);
    if (entry === undefined) throw missing(name);
    await this.#replace(name, entry, undefined, by, { action: 'revoke API key' });
    await this.#connection.run(({ redis }) => redis.hdel(apiKeysUsedKey, name));
  }

  /** Stores when keys were last used. @param times ms since the epoch, by name */
  async storeUse(times: ReadonlyMap<string, number>): Promise<void> {
    if (times.size > 0) await this.#connection.run(({ redis }) => redis.hset(apiKeysUsedKey, Object.fromEntries(times)));
  }

  async #find(name: string): Promise<{ entry: DirectoryEntry<StoredKey>; value: StoredKey }> {
    const entry = await this.#directory.find(name);
    if (entry === undefined) throw missing(name);
    if (entry.value !== undefined) return { entry, value: entry.value };
    throw new ApiKeyError(
      'unreadable',
      `The API key ${name} cannot be read with this POSTHOUSE_SECRET. Add the key that it was sealed with, or revoke it.`,
    );
  }

  async #replace(
    name: string,
    before: DirectoryEntry<StoredKey> | undefined,
    value: StoredKey | undefined,
    by: KeyAdmin,
    entry: { action: string; detail?: string },
  ): Promise<void> {
    const result = await this.#directory.replace(name, before, value);
    if (result === 'full')
      throw new ApiKeyError('full', `There are ${limits.apiKeys} API keys, which is the limit. Revoke one that is not used.`);
    if (result === 'changed')
      throw new ApiKeyError(
        'changed',
        `The API key ${name} was changed by somebody else at the same time. Nothing was changed; look at it and try again.`,
      );
    await this.#audit.append({ who: by.who, role: by.role, target: name, ...entry });
  }
}

function missing(name: string): ApiKeyError {
  return new ApiKeyError('missing', `There is no API key of the name ${name} in Redis.`);
}

function infoOf(name: string, { rights, ...stored }: StoredKey, usedAt: string | undefined): ApiKeyInfo {
  return { name, rights: parseKeyRights(rights), ...stored, ...(usedAt !== undefined && { usedAt: Number(usedAt) }) };
}
