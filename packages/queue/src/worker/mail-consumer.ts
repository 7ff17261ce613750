/**
 * Takes due jobs, passes each mail to the handler, and moves the job by the result. This is the only place where a result is
 * translated for BullMQ.
 *
 * BullMQ's own attempts stay at 1: attempts are counted in the record only.
 */
import { setTimeout } from 'node:timers/promises';
import type { Reason, Service } from '@posthouse/contract';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { bullmqOptions } from '../connection/mail-jobs.ts';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { activeKey, lockKey, queueName } from '../redis/keys.ts';
import { QueueUnavailable } from '../redis/queue-unavailable.ts';
import { redisTime } from '../redis/redis-time.ts';
import { LeasedMail } from './leased-mail.ts';

/** How a run ended. */
export type RunResult =
  /** Nothing is left to do: the mail has ended, or its record is gone. */
  | { kind: 'ended' }
  /** The mail failed permanently; `reason` is a code. */
  | { kind: 'failed'; reason: Reason }
  /** The mail is run again at `at`, ms since the epoch by the clock of Redis. */
  | { kind: 'reschedule'; at: number }
  /** Another run has the mail and its job. */
  | { kind: 'superseded' };

/**
 * Handles one mail, until its outcome is recorded.
 * @param leaseLost aborts when the lock on the job is lost
 */
export type MailHandler = (mail: LeasedMail, leaseLost: AbortSignal) => Promise<RunResult>;

type MailJob = Job<{ v: number; id: string }>;

/** Why no jobs are taken. */
type PauseReason = 'clock' | 'circuits' | 'user';

const never = new AbortController().signal;

/** Takes jobs and runs the handler for each. */
export class MailConsumer implements Service {
  readonly name = 'mail consumer';
  readonly #connection: WorkerConnection;
  #concurrency: number;
  readonly #handler: MailHandler;
  readonly #onHandlerError: (id: string, error: Error) => void;
  #worker: Worker | undefined;
  #active = 0;
  readonly #pausedBy = new Set<PauseReason>();
  /** The lease of each mail that BullMQ has got: the token of its lock, and when it was taken or last renewed, by the clock of `performance.now`. */
  readonly #leases = new Map<string, { token: string | undefined; at: number }>();
  /** When a mail was last taken, or it began to take mails. */
  #takenAt = performance.now();

  /**
   * @param concurrency mails in progress at a time
   * @param onHandlerError called when the handler threw, which is a bug; the mail is rescheduled
   */
  constructor(connection: WorkerConnection, concurrency: number, handler: MailHandler, onHandlerError: (id: string, error: Error) => void) {
    this.#connection = connection;
    this.#concurrency = concurrency;
    this.#handler = handler;
    this.#onHandlerError = onHandlerError;
  }

  /** Begins to take jobs, unless it is paused. While Redis is down it keeps trying. */
  async start(): Promise<void> {
    const { redis, timings, retention, onError } = this.#connection;
    this.#worker = new Worker(queueName, (job: MailJob, token, leaseLost) => this.#process(job, token ?? '', leaseLost ?? never), {
      ...bullmqOptions(redis),
      concurrency: this.#concurrency,
      autorun: this.#pausedBy.size === 0,
      lockDuration: timings.queue.lock,
      stalledInterval: timings.queue.stalled,
      removeOnComplete: { count: 0 },
      removeOnFail: { age: retention.failed / 1000 },
      // A crash stalls all jobs in progress, not only the one that caused it. The record counts the runs of each mail instead.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on('error', onError);
    this.#worker.on('active', ({ data, token }: MailJob) => this.#leases.set(data.id, { token, at: performance.now() }));
    // BullMQ only reports that it could not renew a lock. Aborting the handler's signal is up to us.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) {
        this.#leases.delete(id);
        this.#worker?.cancelJob(id, 'the lock was lost');
      }
    });
    this.#worker.on('locksRenewed', ({ jobIds }) => {
      const now = performance.now();
      for (const id of jobIds) {
        const lease = this.#leases.get(id);
        if (lease !== undefined) lease.at = now;
      }
    });
    redis.on('ready', this.#onReady);
  }

  /** Mails in progress at a time; of more than that none is ended early. */
  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(count: number) {
    this.#concurrency = count;
    if (this.#worker !== undefined) this.#worker.concurrency = count;
  }

  /** Whether there are about as many mails in progress as there may be; some are being taken, or were just finished. */
  get isBusy(): boolean {
    return this.#active * 2 >= this.#concurrency;
  }

  /** Mails in progress. */
  get active(): number {
    return this.#active;
  }

  /** When the lease was last renewed that has been renewed the longest ago; now, without a mail in progress. By the clock of `performance.now`. */
  get ranAt(): number {
    return Math.min(performance.now(), ...[...this.#leases.values()].map(({ at }) => at));
  }

  /** Since when it could take mails and has none; undefined where it has some or takes none on purpose. By the clock of `performance.now`. */
  get idleSince(): number | undefined {
    return this.#active > 0 || this.#pausedBy.size > 0 || this.#worker === undefined ? undefined : this.#takenAt;
  }

  /** Takes no more jobs, and waits for those in progress. With none in progress and Redis down it does not wait. */
  async stop(): Promise<void> {
    this.#connection.redis.off('ready', this.#onReady);
    await this.#worker?.close(this.#active === 0 && !this.#connection.isUsable);
  }

  /** Takes no more jobs until `resume` was called for each reason; those in progress go on. */
  async pause(reason: PauseReason): Promise<void> {
    this.#pausedBy.add(reason);
    await this.#worker?.pause(true);
  }

  async resume(reason: PauseReason): Promise<void> {
    this.#pausedBy.delete(reason);
    this.#takenAt = performance.now();
    if (this.#pausedBy.size === 0) await this.#worker?.resume();
  }

  readonly #onReady = (): void => {
    if (this.#worker !== undefined) this.#recoverReplies(this.#worker).catch(this.#connection.onError);
  };

  /**
   * With a connection the reply may have been lost that brought a mail, or said that there is one. Such a mail would wait until its lease ends, or
   * until BullMQ asks again: its job is put back, and BullMQ asks at once.
   */
  async #recoverReplies(worker: Worker): Promise<void> {
    const { redis, timings } = this.#connection;
    const lost = await this.#unknownLeases(worker);
    if (lost.length > 0) {
      // The reply may have come by now; of another the move that ends its lease is on its way.
      await setTimeout(timings.queue.jobRelease);
      const still = new Set((await this.#unknownLeases(worker)).map(String));
      const putBack = lost.filter(([id, token]) => still.has(`${id},${token}`));
      // Refused where the lease has ended since, which stops no other.
      for (const [id, token] of putBack) await worker.getBackend().moveJobFromActiveToWait(id, token).catch(this.#connection.onError);
    }
    await redis.zadd(worker.toKey('marker'), 0, '0');
  }

  /** The jobs that this worker has in Redis and not in its memory, with the tokens of their locks. */
  async #unknownLeases({ id: ownId }: Worker): Promise<[id: string, token: string][]> {
    const { redis } = this.#connection;
    const ids = await redis.lrange(activeKey, 0, -1);
    const tokens = ids.length === 0 ? [] : await redis.mget(ids.map(lockKey));
    return ids.flatMap((id, n) => {
      const token = tokens[n];
      return token?.startsWith(`${ownId}:`) && this.#leases.get(id)?.token !== token ? [[id, token]] : [];
    });
  }

  /** BullMQ goes by this process's clock: where that is ahead, a job would come early again and again until it is due. */
  async #byOurClock(at: number): Promise<number> {
    const wait = at - (await redisTime(this.#connection.redis));
    return Date.now() + Math.max(wait, 0);
  }

  async #process(job: MailJob, token: string, leaseLost: AbortSignal): Promise<void> {
    try {
      await this.#run(job, token, leaseLost);
    } finally {
      if (this.#leases.get(job.data.id)?.token === token) this.#leases.delete(job.data.id);
    }
  }

  async #run(job: MailJob, token: string, leaseLost: AbortSignal): Promise<void> {
    if (this.#pausedBy.size > 0) {
      // BullMQ was waiting for this job when it was paused, and does not wait for another one.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const { id } = job.data;
    this.#active++;
    this.#takenAt = performance.now();
    const mail = new LeasedMail(id, token, this.#connection.records, this.#connection.workerId, this.#connection.pauses);
    const result = await this.#handler(mail, leaseLost).catch((error: Error): RunResult => {
      if (error instanceof QueueUnavailable) this.#connection.onError(error);
      else this.#onHandlerError(id, error);
      return { kind: 'reschedule', at: Date.now() + this.#connection.timings.deferral.initial };
    });
    this.#active--;
    this.#takenAt = performance.now();
    if (result.kind === 'ended') return;
    // BullMQ stores what is thrown here in clear, so it is a code and never a reply.
    if (result.kind === 'failed') throw new UnrecoverableError(result.reason);
    if (result.kind === 'reschedule') await job.moveToDelayed(await this.#byOurClock(result.at), token);
    // BullMQ does not touch the job after this error: it was moved above, or another run has it.
    throw new DelayedError();
  }
}
