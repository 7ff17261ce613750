/** What users and API keys did: for each a Redis stream of the newest 10,000 entries. Details may contain an address and are sealed; the rest is not. */

import type { RequestConnection } from '../connection/request-connection.ts';
import { apiAuditKey, auditKey } from '../redis/keys.ts';
import { CursorError } from '../search/index-walk.ts';

const entriesKept = 10_000;
const sealedAs = 'audit/detail';

/** Whose entries: an application cannot push out those of users. */
export type AuditedActors = 'users' | 'api-keys';

/** The role of an API key in an entry. */
export const apiKeyRole = 'API key';

/** One action of one user or API key. */
export interface AuditEntry {
  id: string;
  /** ms since the epoch, by the clock of Redis. */
  at: number;
  who: string;
  role: string;
  action: string;
  /** What it was done to: the id of a mail or of a bulk action. */
  target?: string;
  /** Also absent where it was sealed with a key that this process does not have. */
  detail?: string;
}

/** Appends and reads entries; none is ever changed. */
export class AuditLog {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** @throws QueueUnavailable; the entry may have been stored all the same */
  async append({ detail, ...clear }: Omit<AuditEntry, 'id' | 'at'>): Promise<void> {
    const fields: (string | Buffer)[] = Object.entries(clear).flat();
    if (detail !== undefined) fields.push('detail', this.#connection.sealer.seal(detail, sealedAs));
    await this.#connection.run(({ redis }) =>
      redis.xadd(clear.role === apiKeyRole ? apiAuditKey : auditKey, 'MAXLEN', '=', entriesKept, '*', ...fields),
    );
  }

  /**
   * A page of entries, newest first.
   * @param before the `next` of the page before
   * @param of whose entries
   * @throws CursorError, or QueueUnavailable
   */
  async page(limit: number, before?: string, of: AuditedActors = 'users'): Promise<{ entries: AuditEntry[]; next?: string }> {
    if (before !== undefined && !/^\d{1,15}-\d{1,15}$/.test(before))
      throw new CursorError('The cursor is not one that the log returned. Start again without it.');
    const end = before === undefined ? '+' : `(${before}`;
    const list = await this.#connection.run(({ redis }) =>
      redis.xrevrangeBuffer(of === 'users' ? auditKey : apiAuditKey, end, '-', 'COUNT', limit + 1),
    );
    const entries = list.slice(0, limit).map(([id, fields]) => this.#entry(id.toString(), fields));
    const last = entries.at(-1)?.id;
    return { entries, ...(list.length > limit && last !== undefined && { next: last }) };
  }

  #entry(id: string, fields: Buffer[]): AuditEntry {
    const clear: Record<string, string> = {};
    let sealed: Buffer | undefined;
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const name = (fields[at] as Buffer).toString();
      if (name === 'detail') sealed = fields[at + 1];
      else clear[name] = (fields[at + 1] as Buffer).toString();
    }
    const { who = '', role = '', action = '', target } = clear;
    const detail = sealed && this.#decrypt(sealed);
    return {
      id,
      at: Number(id.split('-')[0]),
      who,
      role,
      action,
      ...(target !== undefined && { target }),
      ...(detail !== undefined && { detail }),
    };
  }

  #decrypt(sealed: Buffer): string | undefined {
    try {
      return this.#connection.sealer.decrypt(sealed, sealedAs);
    } catch {
      // The entry must be readable without the key too.
      return undefined;
    }
  }
}
