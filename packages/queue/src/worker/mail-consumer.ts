/**
 * The worker's side: takes due jobs, hands each mail to a run, and moves the job by how the run ends.
 * This is the one place where a run's end becomes BullMQ's vocabulary.
 *
 * BullMQ's own attempts stay at 1: attempts are counted in the record alone.
 */
import type { Service } from '@posthouse/contract';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { prefix, queueName } from '../redis/keys.ts';
import { LeasedMail } from './leased-mail.ts';

/** How a run ended. */
export type RunResult =
  /** Nothing is left to do. */
  | { kind: 'done' }
  /** The mail failed permanently; `reason` is a code. */
  | { kind: 'failed'; reason: string }
  /** The mail is run again at `at`, ms since the epoch. */
  | { kind: 'reschedule'; at: number }
  /** Another run has the mail, and the job. */
  | { kind: 'superseded' };

/**
 * Works on one mail, from its record to a written conclusion.
 * @param lost aborts when the lock on the job is lost
 */
export type MailHandler = (mail: LeasedMail, lost: AbortSignal) => Promise<RunResult>;

type MailJob = Job<{ v: number; id: string }>;

const never = new AbortController().signal;

/** Takes jobs and runs them. */
export class MailConsumer implements Service {
  readonly name = 'mail consumer';
  readonly #connection: WorkerConnection;
  readonly #concurrency: number;
  readonly #run: MailHandler;
  readonly #onRunFault: (id: string, error: Error) => void;
  #worker: Worker | undefined;
  #active = 0;

  /**
   * @param concurrency mails in hand at a time
   * @param onRunFault a run threw: a fault of ours. The mail is put back
   */
  constructor(connection: WorkerConnection, concurrency: number, run: MailHandler, onRunFault: (id: string, error: Error) => void) {
    this.#connection = connection;
    this.#concurrency = concurrency;
    this.#run = run;
    this.#onRunFault = onRunFault;
  }

  /** Begins to take jobs; while Redis is away it keeps trying. */
  async start(): Promise<void> {
    const { redis, timings, onError } = this.#connection;
    this.#worker = new Worker(queueName, (job: MailJob, token, lost) => this.#process(job, token ?? '', lost ?? never), {
      connection: redis,
      prefix,
      concurrency: this.#concurrency,
      lockDuration: timings.queue.lock,
      stalledInterval: timings.queue.stalled,
      // One crash stalls every job in hand, the innocent too; how often a mail was run is not BullMQ's to judge.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on('error', onError);
    // BullMQ only reports that it could not renew a lock; the signal that a run was given is for us to abort.
    this.#worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => void this.#worker?.cancelJob(id, 'the lock was lost')));
  }

  /** Takes no more jobs, and waits for those in hand. With none in hand and Redis away there is nothing to wait for. */
  async stop(): Promise<void> {
    await this.#worker?.close(this.#active === 0 && this.#connection.redis.status !== 'ready');
  }

  /** Takes no more jobs until `resume`; those in hand go on. */
  async pause(): Promise<void> {
    await this.#worker?.pause(true);
  }

  /** Takes jobs again. */
  async resume(): Promise<void> {
    await this.#worker?.resume();
  }

  async #process(job: MailJob, token: string, lost: AbortSignal): Promise<void> {
    const { id } = job.data;
    this.#active++;
    const result = await this.#run(new LeasedMail(id, token, this.#connection.records), lost).catch((error: Error): RunResult => {
      this.#onRunFault(id, error);
      return { kind: 'reschedule', at: Date.now() + this.#connection.timings.deferral.initial };
    });
    this.#active--;
    if (result.kind === 'done') return;
    // What is thrown here stands in Redis in clear, so it is a code and never a reply.
    if (result.kind === 'failed') throw new UnrecoverableError(result.reason);
    if (result.kind === 'reschedule') await job.moveToDelayed(result.at, token);
    // BullMQ leaves a job alone that says it was delayed: it was, or it is another run's now.
    throw new DelayedError();
  }
}
