/**
 * Finds mails that have not ended and that BullMQ has forgotten, or is to hand out far too late, and gives them a job again.
 * Nothing should make it find one; it is there for what nobody thought of. And it forgets mails whose retention is over: their
 * records, their place in the indexes, and the jobs that failed ones have left.
 *
 * One worker at a time sweeps. It looks at the longest overdue first, a limited number at a time, and does not come back
 * to those that are merely waiting before they are overdue once more.
 */
import { isFinal, type Service } from '@posthouse/contract';
import { MailJobs } from '../connection/mail-jobs.ts';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { endedKey, openKey, recordKey, sweeperKey } from '../redis/keys.ts';
import { runTransition } from '../transitions/transitions.ts';

const mailsAtATime = 500;

/** Sweeps as long as it runs. */
export class Sweeper implements Service {
  readonly name = 'sweeper';
  readonly #connection: WorkerConnection;
  readonly #onFound: (id: string) => void;
  #open: { jobs: MailJobs; timer: NodeJS.Timeout } | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  /** @param onFound told of each mail that was forgotten */
  constructor(connection: WorkerConnection, onFound: (id: string) => void) {
    this.#connection = connection;
    this.#onFound = onFound;
  }

  async start(): Promise<void> {
    const { redis, timings, retention, onError } = this.#connection;
    const jobs = new MailJobs(redis, retention, onError);
    const timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.#sweep(jobs)).catch(onError);
    }, timings.sweep.intervalMs);
    this.#open = { jobs, timer };
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    clearInterval(open.timer);
    if (this.#connection.redis.status === 'ready') await this.#sweeping;
    await open.jobs.close();
  }

  async #sweep(jobs: MailJobs): Promise<void> {
    const { redis, timings } = this.#connection;
    if (redis.status !== 'ready') return;
    const elected = await redis.set(sweeperKey, '1', 'PX', Math.ceil(timings.sweep.intervalMs * 0.9), 'NX');
    if (elected === null) return;
    const overdue = await redis.zrangebyscore(openKey, '-inf', Date.now() - timings.sweep.overdue, 'LIMIT', 0, mailsAtATime);
    for (const id of overdue) await this.#look(id, jobs);
    while (this.#open !== undefined && (await this.#purgeBatch(jobs)) === mailsAtATime);
  }

  /** @returns how many there were */
  async #purgeBatch(jobs: MailJobs): Promise<number> {
    const { redis } = this.#connection;
    const now = Date.now();
    const over = await redis.zrangebyscore(endedKey, '-inf', now, 'LIMIT', 0, mailsAtATime);
    for (const id of over) {
      const state = await runTransition<Buffer | null>(redis, 'purge', [recordKey(id), endedKey], now, id);
      if (state?.toString() === 'failed') await jobs.remove(id);
    }
    return over.length;
  }

  async #look(id: string, jobs: MailJobs): Promise<void> {
    const { redis, records, timings } = this.#connection;
    const timing = await records.timing(id);
    if (timing === undefined || isFinal(timing.state)) {
      await redis.zrem(openKey, id);
      return;
    }
    await redis.zadd(openKey, 'XX', Date.now(), id);
    // A job may still have the time that its mail had before somebody would not wait for it.
    if (await jobs.isScheduled(id, Date.now() + timings.sweep.overdue)) return;
    await jobs.renew(timing);
    this.#onFound(id);
  }
}
