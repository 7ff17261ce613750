/**
 * Finds unfinished mails whose job is missing or comes far too late, and creates their job again. No such mail should exist;
 * the sweeper is there for what nobody expected. It also purges mails whose retention is over: their records, their entries
 * in the indexes, and the jobs that failed ones have left. And it recovers batches whose acceptance was interrupted.
 *
 * One worker at a time sweeps. It checks the most overdue mails first, a limited number each time. Those that are merely waiting
 * get the current time as their score, so that they are not checked again before they are overdue once more.
 */
import { isFinal, type Service } from '@posthouse/contract';
import { recoverBatches } from '../acceptance/mail-batch.ts';
import { MailJobs } from '../connection/mail-jobs.ts';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { failsOnData } from '../record/record-error.ts';
import { contentKey, endedKey, mailKeys, recordKey, sweeperKey, unfinishedKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';
import { runScript } from '../redis/script.ts';
import { failUnreadable } from '../transitions/fail-unreadable.ts';
import { purge } from '../transitions/purge.ts';

/** Mails checked, and mails purged, in one go. */
const batchSize = 500;

/** Sweeps as long as it runs. */
export class Sweeper implements Service {
  readonly name = 'sweeper';
  readonly #connection: WorkerConnection;
  readonly #onOrphan: (id: string) => void;
  #running: { jobs: MailJobs; timer: NodeJS.Timeout } | undefined;
  #sweeping: Promise<void> | undefined;

  /** @param onOrphan called with each mail whose job was missing or late */
  constructor(connection: WorkerConnection, onOrphan: (id: string) => void) {
    this.#connection = connection;
    this.#onOrphan = onOrphan;
  }

  async start(): Promise<void> {
    const { redis, timings, onError } = this.#connection;
    const jobs = new MailJobs(redis, this.#connection, onError);
    // While one takes longer than the interval, the next is skipped: a stop would wait for all that have gathered.
    const timer = setInterval(() => {
      this.#sweeping ??= this.#sweep(jobs)
        .catch(onError)
        .finally(() => {
          this.#sweeping = undefined;
        });
    }, timings.sweep.intervalMs);
    this.#running = { jobs, timer };
  }

  /** Waits for the sweep in progress, unless Redis is down. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    clearInterval(running.timer);
    if (this.#connection.redis.status === 'ready') await this.#sweeping;
    await running.jobs.close();
  }

  async #sweep(jobs: MailJobs): Promise<void> {
    const { redis, timings } = this.#connection;
    if (redis.status !== 'ready') return;
    // Without the lease, which a full Redis refuses: what a batch has staged may be what fills it.
    const { records, retention } = this.#connection;
    const timing = (id: string) => records.timing(id);
    const now = await redisTime(redis);
    await recoverBatches({ redis, jobs, timing }, retention.traffic, now - timings.batchTimeout, this.#connection.onError);
    const elected = await redis.set(sweeperKey, '1', 'PX', timings.sweep.lease, 'NX');
    if (elected === null) return;
    const overdue = await redis.zrangebyscore(unfinishedKey, '-inf', now - timings.sweep.overdue, 'LIMIT', 0, batchSize);
    for (const id of overdue) await this.#unlessDamaged(this.#check(id, jobs, now));
    while (this.#running !== undefined && (await this.#purgeBatch(jobs, now)) === batchSize);
  }

  /** What was edited in Redis does not stop the sweep. @returns whether it worked */
  async #unlessDamaged(work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      if (!failsOnData(error)) throw error;
      this.#connection.onError(error);
      return false;
    }
  }

  /** @returns how many mails were purged */
  async #purgeBatch(jobs: MailJobs, now: number): Promise<number> {
    const { redis } = this.#connection;
    const batch = await redis.zrangebyscore(endedKey, '-inf', now, 'LIMIT', 0, batchSize);
    let purged = 0;
    const purgeOne = async (id: string) => {
      const state = await runScript(redis, purge, { record: recordKey(id), ended: endedKey, content: contentKey(id) }, { now, id });
      if (state === 'failed' || state === 'missing') await jobs.remove(id);
    };
    for (const id of batch) purged += Number(await this.#unlessDamaged(purgeOne(id)));
    return purged;
  }

  async #check(id: string, jobs: MailJobs, now: number): Promise<void> {
    const { redis, records, timings } = this.#connection;
    const timing = await records.timing(id);
    // Its key may hold something else.
    if (timing === undefined) await records.run(failUnreadable, mailKeys(id), { id, ...records.retentionArgs });
    if (timing === undefined || (timing.state !== 'staged' && isFinal(timing.state))) {
      await redis.zrem(unfinishedKey, id);
      return;
    }
    await redis.zadd(unfinishedKey, 'XX', now, id);
    // A job may still have the time that its mail had before a user chose to send it now.
    if (await jobs.isScheduled(id, now + timings.sweep.overdue)) return;
    await jobs.renew(timing);
    this.#onOrphan(id);
  }
}
