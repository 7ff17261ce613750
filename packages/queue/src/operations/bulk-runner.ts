/**
 * Runs bulk actions that users have started. Every worker has a runner; a lease ensures that each action is run by one of them.
 * While Redis is down it waits; the action of a worker that died is taken over by another.
 */
import type { Service } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { runningBulksKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import type { BulkAction } from './bulk-action.ts';
import { BulkActions } from './bulk-actions.ts';
import { BulkLease } from './bulk-lease.ts';
import { BulkRun } from './bulk-run.ts';

/** Polls for running actions. */
export class BulkRunner implements Service {
  readonly name = 'bulk runner';
  readonly #connection: RequestConnection;
  readonly #onError: (subject: string, error: Error) => void;
  readonly #holder: string;
  readonly #active = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param holder the id of the worker, by which the lease names it
   * @param onError called with an unexpected error and what it concerns: `bulk action <id>`, `mail <id>` or `bulk actions`
   */
  constructor(connection: RequestConnection, holder: string, onError: (subject: string, error: Error) => void) {
    this.#connection = connection;
    this.#holder = holder;
    this.#onError = onError;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#tick(), this.#connection.timings.bulk.poll);
  }

  /** Completes the chunks in progress, and leaves the rest to other workers. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#active.values());
  }

  async #tick(): Promise<void> {
    try {
      const running = await this.#connection.run(({ redis }) => redis.smembers(runningBulksKey));
      for (const id of running) if (!this.#active.has(id) && !this.#stopping.signal.aborted) this.#start(id);
    } catch (error) {
      this.#report('bulk actions', error as Error);
    }
  }

  #start(id: string): void {
    const done = this.#run(id)
      .catch((error: Error) => this.#report(`bulk action ${id}`, error))
      .finally(() => this.#active.delete(id));
    this.#active.set(id, done);
  }

  async #run(id: string): Promise<void> {
    const lease = new BulkLease(this.#connection, id, this.#holder);
    if (!(await lease.claim())) return;
    const bulk = await new BulkActions(this.#connection).read(id);
    if (bulk?.state === 'running') await this.#runUnder(lease, bulk);
    await lease.release();
  }

  async #runUnder(lease: BulkLease, bulk: BulkAction): Promise<void> {
    const run = new BulkRun(this.#connection, bulk, lease, (id, error) => this.#onError(`mail ${id}`, error));
    try {
      await run.run(this.#stopping.signal);
    } catch (error) {
      if (error instanceof QueueUnavailable) throw error;
      await lease.end((error as Error).message);
      this.#onError(`bulk action ${bulk.id}`, error as Error);
    }
  }

  /** While Redis is down the action waits; the connection reports that. */
  #report(subject: string, error: Error): void {
    if (!(error instanceof QueueUnavailable)) this.#onError(subject, error);
  }
}
