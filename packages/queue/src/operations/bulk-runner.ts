/**
 * Carries out bulk work that others have begun. Every dashboard process has one; a lease sees to it that each piece of work is
 * in one pair of hands. While Redis is away it waits; what a process that died has left is taken up by another.
 */
import { randomUUID } from 'node:crypto';
import type { Service } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { runningBulksKey } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import type { BulkJob } from './bulk-job.ts';
import { BulkJobs } from './bulk-jobs.ts';
import { BulkLease } from './bulk-lease.ts';
import { BulkRun } from './bulk-run.ts';

/** Looks for work twice a second. */
export class BulkRunner implements Service {
  readonly name = 'bulk runner';
  readonly #connection: RequestConnection;
  readonly #onFault: (what: string, error: Error) => void;
  readonly #holder = randomUUID();
  readonly #active = new Map<string, Promise<void>>();
  readonly #leaving = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param onFault told of a fault of ours, and what it befell: work that could not be done, a mail that could not be changed */
  constructor(connection: RequestConnection, onFault: (what: string, error: Error) => void) {
    this.#connection = connection;
    this.#onFault = onFault;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#look(), this.#connection.timings.bulk.poll);
  }

  /** Ends the chunks in hand, and leaves the rest to others. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#leaving.abort();
    await Promise.all(this.#active.values());
  }

  async #look(): Promise<void> {
    try {
      const running = await this.#connection.run(({ redis }) => redis.smembers(runningBulksKey));
      for (const id of running) if (!this.#active.has(id) && !this.#leaving.signal.aborted) this.#start(id);
    } catch (error) {
      this.#tell('the look for bulk work', error as Error);
    }
  }

  #start(id: string): void {
    const work = this.#run(id)
      .catch((error: Error) => this.#tell(`bulk work ${id}`, error))
      .finally(() => this.#active.delete(id));
    this.#active.set(id, work);
  }

  async #run(id: string): Promise<void> {
    const lease = new BulkLease(this.#connection, id, this.#holder);
    if (!(await lease.claim())) return;
    const job = await new BulkJobs(this.#connection).read(id);
    if (job?.state === 'running') await this.#work(job, lease);
    await lease.release();
  }

  async #work(job: BulkJob, lease: BulkLease): Promise<void> {
    const run = new BulkRun(this.#connection, job, lease, (id, error) => this.#onFault(`mail ${id}`, error));
    try {
      await run.run(this.#leaving.signal);
    } catch (error) {
      if (error instanceof QueueUnavailable) throw error;
      await lease.end((error as Error).message);
      this.#onFault(`bulk work ${job.id}`, error as Error);
    }
  }

  /** While Redis is away the work waits; the connection tells of that. */
  #tell(what: string, error: Error): void {
    if (!(error instanceof QueueUnavailable)) this.#onFault(what, error);
  }
}
