/**
 * One process's lease on a bulk action, and the progress that it stores under it. Mails are changed in chunks: a chunk is stored as
 * pending before it is started and committed afterwards. A process that takes over from one that died knows so which
 * mails may already have been changed, and counts them once. Nothing is stored without the lease.
 */
import { claimLease } from '../connection/lease.ts';
import type { RequestConnection } from '../connection/request-connection.ts';
import { bulkKey, bulkLeaseKey, runningBulksKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { releaseBulkLease, writeBulkProgress } from './bulk-scripts.ts';

/** Mails that are changed together. */
export interface Chunk {
  /** Those of the `processed` mails that the action applies to. */
  ids: readonly string[];
  processed: number;
  /** Where to continue after it. */
  cursor: string;
}

/** How far the action is: where to continue, and a chunk that was begun and not committed. */
export interface Progress {
  cursor?: string;
  pendingChunk?: Chunk;
}

/** The lease of one process on one bulk action. Every method throws QueueUnavailable when Redis cannot be reached. */
export class BulkLease {
  readonly #connection: RequestConnection;
  readonly #id: string;
  readonly #holder: string;

  /** @param holder names the process: it may claim again what it has claimed */
  constructor(connection: RequestConnection, id: string, holder: string) {
    this.#connection = connection;
    this.#id = id;
    this.#holder = holder;
  }

  /** @returns false while another process has it */
  async claim(): Promise<boolean> {
    return await claimLease(this.#connection, bulkLeaseKey(this.#id), this.#holder, this.#connection.timings.bulk.lease);
  }

  /** Gives up the lease. An action that has ended is no longer offered to runners. */
  async release(): Promise<void> {
    const keys = { bulk: bulkKey(this.#id), lease: bulkLeaseKey(this.#id), running: runningBulksKey };
    await this.#connection.run(({ redis }) => runScript(redis, releaseBulkLease, keys, { holder: this.#holder, id: this.#id }));
  }

  async progress(): Promise<Progress> {
    const [cursor, pendingChunk] = await this.#connection.run(({ redis }) => redis.hmget(bulkKey(this.#id), 'cursor', 'pendingChunk'));
    return { ...(cursor && { cursor }), ...(pendingChunk && { pendingChunk: JSON.parse(pendingChunk) as Chunk }) };
  }

  /** Stores the chunk that will be changed next. @returns false when it must not be: the action was stopped, or has another process */
  async beginChunk(chunk: Chunk): Promise<boolean> {
    return await this.#write(0, 0, { pendingChunk: JSON.stringify(chunk) });
  }

  /** Counts a chunk that was changed. @returns false when the action is not to go on */
  async commitChunk({ processed, cursor }: Chunk, changed: number): Promise<boolean> {
    return await this.#write(processed, changed, { pendingChunk: '', cursor });
  }

  /** Ends the action as done; or as failed, with the error. */
  async end(error?: string): Promise<void> {
    await this.#write(0, 0, { endedAt: Date.now(), ...(error === undefined ? { state: 'done' } : { state: 'failed', error }) });
  }

  async #write(processed: number, changed: number, fields: Record<string, string | number>): Promise<boolean> {
    const keys = { bulk: bulkKey(this.#id), lease: bulkLeaseKey(this.#id) };
    const args = { holder: this.#holder, expiry: this.#connection.timings.bulk.lease, processed, changed };
    const rest = Object.entries(fields).flat();
    return (await this.#connection.run(({ redis }) => runScript(redis, writeBulkProgress, keys, args, rest))) === 1;
  }
}
