/**
 * What users and API keys did, sign-ins, and failed sign-ins: for each a Redis stream of the newest 10,000 entries. Details may contain an address and
 * are sealed; the rest is not.
 */
import { limits } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { apiAuditKey, auditKey, failedSignInAuditKey, signInAuditKey, signInCountsKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { CursorError } from '../transitions/index-walk.ts';
import { countFailedSignIn } from './account-scripts.ts';

const entriesKept = 10_000;
const sealedAs = 'audit/detail';

/** Which list: neither applications, nor sign-ins, nor anyone who guesses passwords can push out what users changed. */
export type AuditList = 'users' | 'api-keys' | 'sign-ins' | 'failed-sign-ins';

const streams = (): Readonly<Record<AuditList, string>> => ({
  users: auditKey,
  'api-keys': apiAuditKey,
  'sign-ins': signInAuditKey,
  'failed-sign-ins': failedSignInAuditKey,
});

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

/** An entry as arguments of a script; `detail` is sealed. */
interface ScriptedEntry extends Pick<AuditEntry, 'who' | 'role' | 'action'> {
  detail: Buffer | '';
  kept: number;
}

/** For a change that nobody has made. */
export const notAudited: ScriptedEntry = { who: '', role: '', action: '', detail: '', kept: 0 };

/** Conditions of entries; all of them must be met. */
export interface AuditFilter {
  who?: string | undefined;
  action?: string | undefined;
  /** ms since the epoch, both inclusive. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Entries, newest first. */
export interface AuditPage {
  entries: AuditEntry[];
  /** The cursor of the next page; absent on the last one. */
  next?: string;
  /** How far the page has searched (ms since the epoch), where it ended before it was full: `next` goes on from there. */
  searchedTo?: number;
}

/** Appends and reads entries; none is ever changed. */
export class AuditLog {
  readonly #connection: RequestConnection;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * @param of which list; by default that of the user or API key by whom something was done
   * @throws QueueUnavailable; the entry may have been stored all the same
   */
  async append({ detail, ...clear }: Omit<AuditEntry, 'id' | 'at' | 'repeats'>, of?: 'sign-ins'): Promise<void> {
    const fields: (string | Buffer)[] = Object.entries(clear).flat();
    if (detail !== undefined) fields.push('detail', this.#connection.sealer.seal(detail, sealedAs));
    const stream = streams()[of ?? (clear.role === apiKeyRole ? 'api-keys' : 'users')];
    await this.#connection.run(({ redis }) => redis.xadd(stream, 'MAXLEN', '=', entriesKept, '*', ...fields));
  }

  /** An entry of a user as the arguments of a script that makes the change, and adds the entry in the same step. */
  scriptArguments({ who, role, action, detail }: Pick<AuditEntry, 'who' | 'role' | 'action' | 'detail'>): ScriptedEntry {
    return { who, role, action, detail: detail === undefined ? '' : this.#connection.sealer.seal(detail, sealedAs), kept: entriesKept };
  }

  /**
   * Counts a failed sign-in. Those with the same name within `timings.dashboard.signInWindow` are one entry, so that guessing does not fill the list.
   * @throws QueueUnavailable
   */
  async countFailedSignIn({ user, action, detail }: FailedSignIn): Promise<void> {
    const { sealer, timings } = this.#connection;
    const [who, role] = user === undefined ? [unknownUser, ''] : [user.name, user.role];
    const args = { who, role, action, detail: sealer.seal(detail, sealedAs), window: timings.dashboard.signInWindow, kept: entriesKept };
    const keys = { stream: failedSignInAuditKey, counted: signInCountsKey };
    await this.#connection.run(({ redis }) => runScript(redis, countFailedSignIn, keys, args));
  }

  /**
   * A page of entries, newest first. It reads at most `limits.auditSearch` entries of the list, and says how far it came.
   * @param before the `next` of the page before
   * @param of which list
   * @throws CursorError, or QueueUnavailable
   */
  async page(limit: number, before?: string, of: AuditList = 'users', filter: AuditFilter = {}): Promise<AuditPage> {
    if (before !== undefined && !/^\d{1,15}-\d{1,15}$/.test(before))
      throw new CursorError('The cursor is not one that the log returned. Start again without it.');
    const { entries: max, batch } = limits.auditSearch;
    const first = String(filter.from ?? '-');
    const entries: AuditEntry[] = [];
    let end = before === undefined ? String(filter.to ?? '+') : `(${before}`;
    for (let scanned = 0; scanned < max; ) {
      const list = await this.#connection.run(({ redis }) => redis.xrevrangeBuffer(streams()[of], end, first, 'COUNT', batch));
      for (const [id, fields] of list) {
        const last = entries.at(-1)?.id;
        const { clear, sealed } = parse(fields);
        if (!matches(clear, filter)) continue;
        if (entries.length === limit && last !== undefined) return { entries, next: last };
        entries.push(this.#entry(id.toString(), clear, sealed));
      }
      const scannedTo = list.at(-1)?.[0].toString();
      if (scannedTo === undefined || list.length < batch) return { entries };
      end = `(${scannedTo}`;
      scanned += list.length;
    }
    const next = end.slice(1);
    return { entries, next, searchedTo: timeOf(next) };
  }

  #entry(id: string, clear: Readonly<Record<string, string>>, sealed: Buffer | undefined): AuditEntry {
    const { who = '', role = '', action = '', target, count, since } = clear;
    const detail = sealed && this.#decrypt(sealed);
    return {
      id,
      at: timeOf(id),
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

/** The fields of a stored entry: those that are not sealed, and the sealed detail. */
function parse(fields: readonly Buffer[]): { clear: Record<string, string>; sealed: Buffer | undefined } {
  const clear: Record<string, string> = {};
  let sealed: Buffer | undefined;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] as Buffer).toString();
    if (name === 'detail') sealed = fields[at + 1];
    else clear[name] = (fields[at + 1] as Buffer).toString();
  }
  return { clear, sealed };
}

function matches(clear: Readonly<Record<string, string>>, { who, action }: AuditFilter): boolean {
  return (who === undefined || clear['who'] === who) && (action === undefined || clear['action'] === action);
}

/** ms since the epoch of an entry of a stream. */
function timeOf(id: string): number {
  return Number(id.split('-')[0]);
}
