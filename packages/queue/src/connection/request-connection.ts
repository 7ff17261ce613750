/**
 * The connection of a process that answers requests: the API and the dashboard. A request to Redis is answered within a second or
 * ends in QueueUnavailable; it never hangs, and the process may start while Redis is down.
 */
import type { Durations, Retention, Service, Timings } from '@posthouse/contract';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { RecordFields } from '../record/record-fields.ts';
import type { Sealer } from '../record/sealer.ts';
import { type ConnectionLog, reportConnectionErrors } from '../redis/connection-log.ts';
import { QueueUnavailable, withTimeout } from '../redis/queue-unavailable.ts';
import { MailRecords } from '../transitions/mail-records.ts';
import { MailJobs } from './mail-jobs.ts';

/** What works on the connection; for this package only. */
export interface RedisHandles {
  redis: Redis;
  jobs: MailJobs;
  records: MailRecords;
}

/** One connection, and the limit on how long a request waits for it. */
export class RequestConnection implements Service {
  readonly name = 'connection to Redis';
  readonly timings: Timings;
  readonly retention: Retention;
  /** How records, and everything else that may contain an address, are sealed; for this package only. */
  readonly fields: RecordFields;
  readonly sealer: Sealer;
  readonly #url: string;
  readonly #log: ConnectionLog;
  #handles: RedisHandles | undefined;

  /** @param log called when the connection is lost, when it is back, and when Redis is configured wrongly */
  constructor(redisUrl: string, sealer: Sealer, { timings, retention }: Durations, log: ConnectionLog) {
    this.#url = redisUrl;
    this.fields = new RecordFields(sealer);
    this.sealer = sealer;
    this.timings = timings;
    this.retention = retention;
    this.#log = log;
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    const { connect, requestSilence, requestReconnect, clockSkew } = this.timings.redis;
    const redis = new Redis(this.#url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: connect,
      // Otherwise a server that vanished would be waited for as long as the kernel does.
      socketTimeout: requestSilence,
      retryStrategy: (times) => Math.min(requestReconnect.initial * 2 ** (times - 1), requestReconnect.max),
    });
    const log: ConnectionLog = (event, fields) => {
      if (this.#handles !== undefined) this.#log(event, fields);
    };
    const onError = reportConnectionErrors(redis, log, clockSkew);
    this.#handles = { redis, jobs: new MailJobs(redis, this, onError), records: new MailRecords(redis, this.fields, this) };
  }

  async stop(): Promise<void> {
    const handles = this.#handles;
    this.#handles = undefined;
    if (handles === undefined) return;
    await handles.jobs.close();
    handles.redis.disconnect();
  }

  /** Resolves when Redis is connected, however long that takes: for a caller that waits instead of failing. @throws QueueUnavailable when it is stopped */
  async whenReady(): Promise<void> {
    if (this.#handles === undefined) throw new QueueUnavailable('the connection is not started');
    const { redis } = this.#handles;
    if (redis.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('end', () => reject(new QueueUnavailable('the connection was stopped')));
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
   * Waits for Redis as long as a request may.
   * @param moreMs added to that, for large values
   * @throws QueueUnavailable when there is no reply in time. The commands may have been run all the same
   */
  async run<T>(work: (handles: RedisHandles) => Promise<T>, moreMs = 0): Promise<T> {
    return await withTimeout(work(this.handles), this.timings.queue.command + moreMs);
  }

  /** BullMQ's queue, for a board that shows it; nothing else needs it. @throws QueueUnavailable when the connection is not started */
  get rawQueue(): Queue {
    if (this.#handles === undefined) throw new QueueUnavailable('the connection is not started');
    return this.#handles.jobs.queue;
  }

  /** What works on the connection. @throws QueueUnavailable when Redis is not connected */
  get handles(): RedisHandles {
    if (this.#handles === undefined) throw new QueueUnavailable('the connection is not started');
    // Without this check a command before the first connection would wait for it.
    if (this.#handles.redis.status !== 'ready') throw new QueueUnavailable('Redis cannot be reached');
    return this.#handles;
  }
}
