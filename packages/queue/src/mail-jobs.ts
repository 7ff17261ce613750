/**
 * The jobs beside the records. A job has the mail's id and nothing else: it says when, the record says what.
 */
import type { MailRecord, Priority, Waits } from '@posthouse/contract';
import { type IRedisTransaction, Job, type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobName, prefix, queueName } from './keys.ts';

/** BullMQ's priorities: the smaller is the more urgent. */
const jobPriority: Record<Priority, number> = { high: 1, normal: 2, low: 3 };

/** Entries of BullMQ's event stream that Redis keeps; the records tell the story, the stream is for queue boards. */
const eventsKept = 1000;

/** Adds, replaces and finds jobs. */
export class MailJobs {
  readonly #queue: Queue;
  readonly #keepFailed: number;

  constructor(redis: Redis, waits: Waits, onError: (error: Error) => void) {
    this.#keepFailed = waits.retention.failed;
    this.#queue = new Queue(queueName, { connection: redis, prefix, streams: { events: { maxLen: eventsKept } } });
    this.#queue.on('error', onError);
  }

  /** A transaction that jobs can be added to; waits until Redis has been reached once. */
  async transaction(): Promise<IRedisTransaction> {
    return (await this.#queue.getBackend().client).multi();
  }

  /** Adds a mail's job to a transaction. One that exists is left as it is. */
  add(record: MailRecord, transaction: IRedisTransaction): void {
    // The reply is read from exec: a command inside a transaction has none of its own.
    void new Job(this.#queue, jobName, { v: 1, id: record.id }, this.#options(record), record.id).addJob(transaction);
  }

  /** Puts a fresh job in the place of whatever job the mail has; one that a worker holds is left to it. */
  async renew(record: MailRecord): Promise<void> {
    await this.#queue.remove(record.id);
    const transaction = await this.transaction();
    this.add(record, transaction);
    await transaction.exec();
  }

  /** Removes a mail's job, unless a worker holds it. */
  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  /** True when BullMQ will hand out the mail's job, now or later, or has handed it out. */
  async isScheduled(id: string): Promise<boolean> {
    return ['waiting', 'prioritized', 'delayed', 'active'].includes(await this.#queue.getJobState(id));
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  #options(record: MailRecord): JobsOptions {
    return {
      jobId: record.id,
      attempts: 1,
      priority: jobPriority[record.priority],
      delay: Math.max((record.nextAttemptAt ?? record.dueAt) - Date.now(), 0),
      removeOnComplete: true,
      removeOnFail: { age: this.#keepFailed / 1000 },
    };
  }
}
