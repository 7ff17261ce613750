/**
 * The connection of a process that answers requests: the API and the dashboard. What is asked of Redis is answered within
 * a second or ends in QueueUnavailable; it never hangs, and the process may start while Redis is away.
 */
import type { Durations, Retention, Service, Timings } from '@posthouse/contract';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { RecordFields } from '../record/record-fields.ts';
import type { Sealer } from '../record/sealer.ts';
import { reportConnectionErrors } from '../redis/connection-log.ts';
import { QueueUnavailable, withTimeout } from '../redis/queue-unavailable.ts';
import { MailRecords } from '../transitions/mail-records.ts';
import { MailJobs } from './mail-jobs.ts';

/** What is behind an open connection; for this room alone. */
export interface RedisHandles {
  redis: Redis;
  jobs: MailJobs;
  records: MailRecords;
}

/** One connection and what is asked through it. */
export class RequestConnection implements Service {
  readonly name = 'connection to Redis';
  readonly timings: Timings;
  readonly retention: Retention;
  /** How records, and all else that may hold an address, are sealed; for this room alone. */
  readonly fields: RecordFields;
  readonly sealer: Sealer;
  readonly #url: string;
  readonly #onConnectionEvent: (message: string) => void;
  #open: RedisHandles | undefined;

  /** @param onConnectionEvent told when the connection is in trouble, which mends itself, and of what Redis is not set up for */
  constructor(redisUrl: string, sealer: Sealer, { timings, retention }: Durations, onConnectionEvent: (message: string) => void) {
    this.#url = redisUrl;
    this.fields = new RecordFields(sealer);
    this.sealer = sealer;
    this.timings = timings;
    this.retention = retention;
    this.#onConnectionEvent = onConnectionEvent;
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    const redis = new Redis(this.#url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: 2000,
      // A server that is gone without a word would otherwise be waited for as long as the kernel does.
      socketTimeout: 5000,
      retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    });
    const onError = reportConnectionErrors(redis, (message) => {
      if (this.#open !== undefined) this.#onConnectionEvent(message);
    });
    this.#open = { redis, jobs: new MailJobs(redis, this.retention, onError), records: new MailRecords(redis, this.fields, this) };
  }

  async stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    await open.jobs.close();
    open.redis.disconnect();
  }

  /** Resolves when Redis is reached, however long that takes: for those who would rather wait than be refused. @throws QueueUnavailable when it is stopped */
  async whenReady(): Promise<void> {
    if (this.#open === undefined) throw new QueueUnavailable('the queue is not started');
    const { redis } = this.#open;
    if (redis.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('end', () => reject(new QueueUnavailable('the queue was stopped')));
    });
  }

  /** True when Redis answers. */
  async isReady(): Promise<boolean> {
    try {
      return (await this.run(({ redis }) => redis.ping())) === 'PONG';
    } catch {
      return false;
    }
  }

  /**
   * Asks Redis, for as long as a request may wait.
   * @param moreMs granted beyond that, for what is large
   * @throws QueueUnavailable when there is no answer in time. What was asked may still have happened
   */
  async run<T>(work: (handles: RedisHandles) => Promise<T>, moreMs = 0): Promise<T> {
    return await withTimeout(work(this.handles), this.timings.queue.command + moreMs);
  }

  /** BullMQ's queue as it is, for a board that shows it. Nobody else needs it. @throws QueueUnavailable when it is not started */
  get rawQueue(): Queue {
    if (this.#open === undefined) throw new QueueUnavailable('the queue is not started');
    return this.#open.jobs.queue;
  }

  /** What is behind the connection. @throws QueueUnavailable when Redis is not reached */
  get handles(): RedisHandles {
    if (this.#open === undefined) throw new QueueUnavailable('the queue is not started');
    // Without this check a command given before the first connection would wait for it.
    if (this.#open.redis.status !== 'ready') throw new QueueUnavailable('Redis cannot be reached');
    return this.#open;
  }
}
