/**
 * What users and API keys did, and failed sign-ins: for each a Redis stream of the newest 10,000 entries. Details may contain an address and
 * are sealed; the rest is not.
 */
import type { RequestConnection } from '../connection/request-connection.ts';
import { apiAuditKey, auditKey, signInAuditKey, signInCountsKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { CursorError } from '../transitions/index-walk.ts';
import { countFailedSignIn } from './operation-scripts.ts';

const entriesKept = 10_000;
const sealedAs = 'audit/detail';

/** Which list: neither an application nor anyone who guesses passwords can push out the entries of users. */
export type AuditList = 'users' | 'api-keys' | 'failed-sign-ins';

const streams: Readonly<Record<AuditList, string>> = { users: auditKey, 'api-keys': apiAuditKey, 'failed-sign-ins': signInAuditKey };

/** The role of an API key in an entry. */
export const apiKeyRole = 'API key';

/** A failed attempt of anybody. */
export interface FailedSignIn {
  /** The user whose name was tried; undefined where there is none. What was typed may be a password, so it is not stored. */
  user: { name: string; role: string } | undefined;
  action: 'sign-in rejected' | 'sign-in locked out' | 'password change rejected' | `sign-in refused: ${string}`;
  /** The network address that it came from. Of several failures the last one's is kept. */
  detail: string;
}

/** Whose name was tried, where there is no such user. No name of a user has a space. */
export const unknownUser = 'unknown name';

/** One action of one user or API key, or failed sign-ins with one name. */
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
  /** How often it happened since `since` (ms since the epoch), of a failed sign-in. */
  repeats?: { count: number; since: number };
}

/** Appends and reads entries; none is ever changed. */
export class AuditLog {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /** @throws QueueUnavailable; the entry may have been stored all the same */
  async append({ detail, ...clear }: Omit<AuditEntry, 'id' | 'at' | 'repeats'>): Promise<void> {
    const fields: (string | Buffer)[] = Object.entries(clear).flat();
    if (detail !== undefined) fields.push('detail', this.#connection.sealer.seal(detail, sealedAs));
    await this.#connection.run(({ redis }) =>
      redis.xadd(clear.role === apiKeyRole ? apiAuditKey : auditKey, 'MAXLEN', '=', entriesKept, '*', ...fields),
    );
  }

  /**
   * Counts a failed sign-in. Those with the same name within `timings.dashboard.signInWindow` are one entry, so that guessing does not fill the list.
   * @throws QueueUnavailable
   */
  async countFailedSignIn({ user, action, detail }: FailedSignIn): Promise<void> {
    const { sealer, timings } = this.#connection;
    const [who, role] = user === undefined ? [unknownUser, ''] : [user.name, user.role];
    const args = { who, role, action, detail: sealer.seal(detail, sealedAs), window: timings.dashboard.signInWindow, kept: entriesKept };
    const keys = { stream: signInAuditKey, counted: signInCountsKey };
    await this.#connection.run(({ redis }) => runScript(redis, countFailedSignIn, keys, args));
  }

  /**
   * A page of entries, newest first.
   * @param before the `next` of the page before
   * @param of which list
   * @throws CursorError, or QueueUnavailable
   */
  async page(limit: number, before?: string, of: AuditList = 'users'): Promise<{ entries: AuditEntry[]; next?: string }> {
    if (before !== undefined && !/^\d{1,15}-\d{1,15}$/.test(before))
      throw new CursorError('The cursor is not one that the log returned. Start again without it.');
    const end = before === undefined ? '+' : `(${before}`;
    const list = await this.#connection.run(({ redis }) => redis.xrevrangeBuffer(streams[of], end, '-', 'COUNT', limit + 1));
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
    const { who = '', role = '', action = '', target, count, since } = clear;
    const detail = sealed && this.#decrypt(sealed);
    return {
      id,
      at: Number(id.split('-')[0]),
      who,
      role,
      action,
      ...(target !== undefined && { target }),
      ...(detail !== undefined && { detail }),
      ...(count !== undefined && { repeats: { count: Number(count), since: Number(since) } }),
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
