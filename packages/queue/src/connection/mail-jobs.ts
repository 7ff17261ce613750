/**
 * The jobs beside the records. A job has the mail's id and nothing else: it says when, the record says what.
 */
import type { Priority, Retention } from '@posthouse/contract';
import { type IRedisTransaction, Job, type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { delayedKey, delayedUnit, jobName, prefix, queueName } from '../redis/keys.ts';
import { orUnavailable, QueueUnavailable } from '../redis/queue-unavailable.ts';
import type { MailTiming } from '../transitions/mail-records.ts';

/** BullMQ's priorities: the smaller is the more urgent. */
const jobPriority: Record<Priority, number> = { high: 1, normal: 2, low: 3 };
const backgroundPriority = 3;

/** Entries of BullMQ's event stream that Redis keeps; the records tell the story, the stream is for queue boards. */
const eventsKept = 1000;

/** Adds, replaces and finds jobs. */
export class MailJobs {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #keepFailed: number;

  constructor(redis: Redis, retention: Retention, onError: (error: Error) => void) {
    this.#redis = redis;
    this.#keepFailed = retention.failed;
    this.#queue = new Queue(queueName, { connection: redis, prefix, streams: { events: { maxLen: eventsKept } } });
    this.#queue.on('error', onError);
  }

  /** BullMQ's own, for those who show what it holds. */
  get queue(): Queue {
    return this.#queue;
  }

  /** A transaction that jobs can be added to; waits until Redis has been reached once. */
  async transaction(): Promise<IRedisTransaction> {
    return (await this.#queue.getBackend().client).multi();
  }

  /** Adds a mail's job to a transaction. One that exists is left as it is. */
  add(mail: Omit<MailTiming, 'state'>, transaction: IRedisTransaction): void {
    // The reply is read from exec: a command inside a transaction has none of its own.
    void new Job(this.#queue, jobName, { v: 1, id: mail.id }, this.#options(mail), mail.id).addJob(transaction);
  }

  /**
   * Carries out a transaction.
   * @throws QueueUnavailable when any of it was refused. Redis does not roll back: it must be possible to repeat it
   */
  async execute(transaction: IRedisTransaction): Promise<void> {
    const replies = await orUnavailable(transaction.exec());
    const fault = replies?.find(([error]) => error !== null)?.[0];
    if (replies !== null && !fault) return;
    // ioredis takes a script for loaded once it was sent, also when Redis refused it then; a new connection forgets that.
    if (fault?.message.includes('NOSCRIPT')) this.#redis.disconnect(true);
    throw new QueueUnavailable(`Redis refused a transaction: ${fault?.message ?? 'it was aborted'}`);
  }

  /**
   * Puts a fresh job in the place of whatever job the mail has. One that a worker is about to let go of is waited for, a
   * moment long; one that it holds for longer is left to it.
   */
  async renew(mail: MailTiming): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      if ((await this.#queue.remove(mail.id)) === 1 || (await this.#queue.getJobState(mail.id)) === 'unknown') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const transaction = await this.transaction();
    this.add(mail, transaction);
    await this.execute(transaction);
  }

  /** Removes a mail's job, unless a worker holds it. */
  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  /** True when BullMQ has handed out the mail's job, or will by that time (ms since the epoch). */
  async isScheduled(id: string, by: number): Promise<boolean> {
    const state = await this.#queue.getJobState(id);
    if (state === 'delayed') return Number(await this.#redis.zscore(delayedKey, id)) / delayedUnit <= by;
    return ['waiting', 'prioritized', 'active'].includes(state);
  }

  /** Jobs are handed out to nobody until `resume`; those in hand go on, and new ones wait. */
  async pause(): Promise<void> {
    await this.#queue.pause();
  }

  async resume(): Promise<void> {
    await this.#queue.resume();
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  #options(mail: Omit<MailTiming, 'state'>): JobsOptions {
    return {
      jobId: mail.id,
      attempts: 1,
      priority: jobPriority[mail.priority] + (mail.background ? backgroundPriority : 0),
      delay: Math.max(mail.at - Date.now(), 0),
      removeOnComplete: true,
      removeOnFail: { age: this.#keepFailed / 1000 },
    };
  }
}
