/**
 * The worker's side: takes due jobs, hands each mail to a run, and moves the job by what the run says.
 * This is the one place where a run's end becomes BullMQ's vocabulary.
 *
 * BullMQ's own attempts stay at 1: attempts are counted in the record alone.
 */
import type { Service, Waits } from '@posthouse/contract';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { prefix, queueName } from './keys.ts';
import { MailRecords } from './mail-records.ts';
import { RecordFields } from './record-fields.ts';
import type { Sealer } from './sealer.ts';
import { defineTransitions } from './transitions.ts';

/** How a run ended: nothing left to do, failed for good, or to be run again at a time (ms since the epoch). */
export type RunEnd = { end: 'done' } | { end: 'failed'; reason: string } | { end: 'again'; at: number };

/** Works on one mail, by its id, from its record to a written conclusion. */
export type MailRun = (id: string, records: MailRecords) => Promise<RunEnd>;

/** Told what happens between jobs. */
export interface ConsumerEvents {
  /** The connection is in trouble; it mends itself. */
  onError(error: Error): void;
  /** A run threw: a fault of ours, or Redis is away. The mail is put back. */
  onRunFault(id: string, error: Error): void;
}

/** Takes jobs and runs them, `concurrency` at a time. */
export class MailConsumer implements Service {
  readonly name = 'mail consumer';
  readonly #options: { redisUrl: string; sealer: Sealer; waits: Waits; concurrency: number };
  readonly #run: MailRun;
  readonly #events: ConsumerEvents;
  #open: { redis: Redis; worker: Worker } | undefined;

  constructor(options: { redisUrl: string; sealer: Sealer; waits: Waits; concurrency: number }, run: MailRun, events: ConsumerEvents) {
    this.#options = options;
    this.#run = run;
    this.#events = events;
  }

  /** Begins to take jobs; while Redis is away it keeps trying. */
  async start(): Promise<void> {
    const { redisUrl, sealer, waits, concurrency } = this.#options;
    // A worker's commands wait for Redis however long it is away: what was sent must be written down.
    const redis = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(50 * 2 ** times, 2000) });
    redis.on('error', this.#events.onError);
    defineTransitions(redis);
    const records = new MailRecords(redis, new RecordFields(sealer), waits.retention);
    const worker = new Worker<{ v: number; id: string }>(queueName, (job, token) => this.#process(job, token, records), {
      connection: redis,
      prefix,
      concurrency,
      lockDuration: waits.queue.lock,
      stalledInterval: waits.queue.stalled,
      // One crash stalls every job in hand, the innocent too; how often a mail was run is not BullMQ's to judge.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    worker.on('error', this.#events.onError);
    this.#open = { redis, worker };
  }

  /** Takes no more jobs, waits for those in hand, and closes. */
  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.worker.close();
    open.redis.disconnect();
  }

  async #process(job: Job<{ v: number; id: string }>, token: string | undefined, records: MailRecords): Promise<void> {
    const ended = await this.#run(job.data.id, records).catch((error: Error): RunEnd => {
      this.#events.onRunFault(job.data.id, error);
      return { end: 'again', at: Date.now() + this.#options.waits.deferral.first };
    });
    if (ended.end === 'done') return;
    // What is thrown here stands in Redis in clear, so it is a code and never a reply.
    if (ended.end === 'failed') throw new UnrecoverableError(ended.reason);
    await job.moveToDelayed(ended.at, token);
    throw new DelayedError();
  }
}
