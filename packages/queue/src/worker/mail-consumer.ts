/**
 * Takes due jobs, passes each mail to the handler, and moves the job by the result. This is the only place where a result is
 * translated for BullMQ.
 *
 * BullMQ's own attempts stay at 1: attempts are counted in the record only.
 */
import type { Reason, Service } from '@posthouse/contract';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { bullmqOptions } from '../connection/mail-jobs.ts';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { queueName } from '../redis/keys.ts';
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
  /** Since when each mail in progress has its lease: since it was taken, or the lease renewed. By the clock of `performance.now`. */
  readonly #leasedAt = new Map<string, number>();
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
    // BullMQ only reports that it could not renew a lock. Aborting the handler's signal is up to us.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) {
        this.#leasedAt.delete(id);
        this.#worker?.cancelJob(id, 'the lock was lost');
      }
    });
    this.#worker.on('locksRenewed', ({ jobIds }) => {
      const now = performance.now();
      for (const id of jobIds) if (this.#leasedAt.has(id)) this.#leasedAt.set(id, now);
    });
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
    return Math.min(performance.now(), ...this.#leasedAt.values());
  }

  /** Since when it could take mails and has none; undefined where it has some or takes none on purpose. By the clock of `performance.now`. */
  get idleSince(): number | undefined {
    return this.#active > 0 || this.#pausedBy.size > 0 || this.#worker === undefined ? undefined : this.#takenAt;
  }

  /** Takes no more jobs, and waits for those in progress. With none in progress and Redis down it does not wait. */
  async stop(): Promise<void> {
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

  /** BullMQ goes by this process's clock: where that is ahead, a job would come early again and again until it is due. */
  async #byOurClock(at: number): Promise<number> {
    const wait = at - (await redisTime(this.#connection.redis));
    return Date.now() + Math.max(wait, 0);
  }

  async #process(job: MailJob, token: string, leaseLost: AbortSignal): Promise<void> {
    if (this.#pausedBy.size > 0) {
      // BullMQ was waiting for this job when it was paused, and does not wait for another one.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const { id } = job.data;
    this.#active++;
    this.#takenAt = performance.now();
    this.#leasedAt.set(id, this.#takenAt);
    const mail = new LeasedMail(id, token, this.#connection.records, this.#connection.workerId, this.#connection.pauses);
    const result = await this.#handler(mail, leaseLost).catch((error: Error): RunResult => {
      if (error instanceof QueueUnavailable) this.#connection.onError(error);
      else this.#onHandlerError(id, error);
      return { kind: 'reschedule', at: Date.now() + this.#connection.timings.deferral.initial };
    });
    this.#active--;
    this.#leasedAt.delete(id);
    this.#takenAt = performance.now();
    if (result.kind === 'ended') return;
    // BullMQ stores what is thrown here in clear, so it is a code and never a reply.
    if (result.kind === 'failed') throw new UnrecoverableError(result.reason);
    if (result.kind === 'reschedule') await job.moveToDelayed(await this.#byOurClock(result.at), token);
    // BullMQ does not touch the job after this error: it was moved above, or another run has it.
    throw new DelayedError();
  }
}
