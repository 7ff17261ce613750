/**
 * The filters that users of the dashboard have saved under a name, each user their own. A filter may have an address, and so may its name:
 * both are sealed, and the field is a digest of the name.
 */
import { limits, type MailFilter, readMailFilter, writeMailFilter } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { savedFiltersKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { setWithinLimit } from './account-scripts.ts';

/** A filter and the name that its user gave it. */
export interface SavedFilter {
  name: string;
  filter: MailFilter;
}

/** Every method throws QueueUnavailable when Redis does not answer. */
export class SavedFilters {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** The filters of a user by name. Those that cannot be read with this POSTHOUSE_SECRET are left out. */
  async list(user: string): Promise<SavedFilter[]> {
    const stored = await this.#connection.run(({ redis }) => redis.hgetallBuffer(savedFiltersKey(user)));
    return Object.values(stored)
      .flatMap((sealed) => this.#open(user, sealed) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * Saves a filter, in place of one of the same name.
   * @returns false where the user has `limits.savedFilters.ofUser` others
   */
  async save(user: string, { name, filter }: SavedFilter): Promise<boolean> {
    const { sealer } = this.#connection;
    const value = sealer.seal(JSON.stringify({ name, query: writeMailFilter(filter).toString() }), sealedAs(user));
    const args = { field: sealer.digest(name), value, max: limits.savedFilters.ofUser };
    return (await this.#connection.run(({ redis }) => runScript(redis, setWithinLimit, { hash: savedFiltersKey(user) }, args))) === 1;
  }

  /** Removes a filter; nothing where there is none of that name. */
  async remove(user: string, name: string): Promise<void> {
    await this.#connection.run(({ redis }) => redis.hdel(savedFiltersKey(user), ...this.#connection.sealer.digests(name)));
  }

  #open(user: string, sealed: Buffer): SavedFilter | undefined {
    try {
      const { name, query } = JSON.parse(this.#connection.sealer.decrypt(sealed, sealedAs(user))) as { name: string; query: string };
      return { name, filter: readMailFilter(Object.fromEntries(new URLSearchParams(query))).filter };
    } catch {
      // It was altered, or sealed with a key that this process does not have. The others must work.
      return undefined;
    }
  }
}

function sealedAs(user: string): string {
  return `saved-filter/${user}`;
}
