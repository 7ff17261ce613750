/**
 * One process's hold on bulk work, and the books that it keeps under it. Mails are changed in chunks: each is announced before
 * it is begun and entered after, so that whoever takes over from a process that died knows what is in doubt, and enters it once.
 * Nothing is entered without the lease.
 */

import type { RequestConnection } from '../connection/request-connection.ts';
import { bulkKey, bulkLeaseKey, runningBulksKey } from '../redis/keys.ts';

/** Mails that are changed together. */
export interface Chunk {
  /** Those that are meant, of `seen` that were looked at. */
  ids: readonly string[];
  seen: number;
  /** Where to go on after it. */
  cursor: string;
}

/** How far the work has come: where to go on, and a chunk that was announced and never entered. */
export interface Progress {
  cursor?: string;
  pendingChunk?: Chunk;
}

/** KEYS: lease. ARGV: holder, ms. */
const claim = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * Only an announced chunk is counted: a command whose answer was lost is sent again.
 * KEYS: bulk work, lease. ARGV: holder, ms, seen, changed, then fields. Answers 1 while there is more to do.
 */
const write = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if (redis.call('HGET', KEYS[1], 'pendingChunk') or '') ~= '' then
  redis.call('HINCRBY', KEYS[1], 'seen', ARGV[3])
  redis.call('HINCRBY', KEYS[1], 'changed', ARGV[4])
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
return redis.call('HGET', KEYS[1], 'state') == 'running' and 1 or 0`;

/** KEYS: bulk work, lease, running ones. ARGV: holder, id. */
const release = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then redis.call('SREM', KEYS[3], ARGV[2]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end`;

/** The hold of one process on one piece of work. Everything here throws QueueUnavailable while Redis is. */
export class BulkLease {
  readonly #connection: RequestConnection;
  readonly #id: string;
  readonly #holder: string;

  /** @param holder names the process: what it has claimed it may claim again */
  constructor(connection: RequestConnection, id: string, holder: string) {
    this.#connection = connection;
    this.#id = id;
    this.#holder = holder;
  }

  /** @returns false while another process has it */
  async claim(): Promise<boolean> {
    const ms = this.#connection.timings.bulk.lease;
    return (await this.#connection.run(({ redis }) => redis.eval(claim, 1, bulkLeaseKey(this.#id), this.#holder, ms))) === 1;
  }

  /** Lets go of it; work that has come to its end is no longer looked for. */
  async release(): Promise<void> {
    const keys = [bulkKey(this.#id), bulkLeaseKey(this.#id), runningBulksKey];
    await this.#connection.run(({ redis }) => redis.eval(release, 3, ...keys, this.#holder, this.#id));
  }

  async progress(): Promise<Progress> {
    const [cursor, pendingChunk] = await this.#connection.run(({ redis }) => redis.hmget(bulkKey(this.#id), 'cursor', 'pendingChunk'));
    return { ...(cursor && { cursor }), ...(pendingChunk && { pendingChunk: JSON.parse(pendingChunk) as Chunk }) };
  }

  /** What will be changed next. @returns false when it must not be: the work was stopped, or is another process's */
  async beginChunk(chunk: Chunk): Promise<boolean> {
    return await this.#write(0, 0, { pendingChunk: JSON.stringify(chunk) });
  }

  /** What was done. @returns false when there is no more to do */
  async commitChunk({ seen, cursor }: Chunk, changed: number): Promise<boolean> {
    return await this.#write(seen, changed, { pendingChunk: '', cursor });
  }

  /** All is done, or it cannot be. */
  async end(fault?: string): Promise<void> {
    await this.#write(0, 0, { endedAt: Date.now(), ...(fault === undefined ? { state: 'done' } : { state: 'failed', fault }) });
  }

  async #write(seen: number, changed: number, fields: Record<string, string | number>): Promise<boolean> {
    const keys = [bulkKey(this.#id), bulkLeaseKey(this.#id)];
    const values = [this.#holder, this.#connection.timings.bulk.lease, seen, changed, ...Object.entries(fields).flat()];
    return (await this.#connection.run(({ redis }) => redis.eval(write, 2, ...keys, ...values))) === 1;
  }
}
