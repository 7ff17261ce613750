/**
 * A worker's connection to Redis, shared by all that a worker asks of it. Its commands wait for Redis however long it is
 * away: what was sent must be written down.
 */
import type { Durations, Retention, Service, Timings } from '@posthouse/contract';
import { Redis } from 'ioredis';
import { RecordFields } from '../record/record-fields.ts';
import type { Sealer } from '../record/sealer.ts';
import { reportConnectionErrors } from '../redis/connection-log.ts';
import { MailRecords } from '../transitions/mail-records.ts';

/** BullMQ waits for jobs up to 10 s at a time without a word from Redis. */
const longestSilence = 30_000;

/** One connection and the records behind it. */
export class WorkerConnection implements Service {
  readonly name = 'connection to Redis';
  /** For this room alone. */
  readonly redis: Redis;
  readonly records: MailRecords;
  readonly timings: Timings;
  readonly retention: Retention;
  /** See Sealer.digest. */
  readonly digest: (value: string) => string;
  /** For errors that others meet on this connection. */
  readonly onError: (error: Error) => void;
  #stopped = false;

  /** @param onConnectionEvent told when the connection is in trouble, which mends itself, and of what Redis is not set up for */
  constructor(redisUrl: string, sealer: Sealer, { timings, retention }: Durations, onConnectionEvent: (message: string) => void) {
    this.redis = new Redis(redisUrl, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      // A server that is gone without a word would otherwise be waited for as long as the kernel does.
      socketTimeout: Math.max(timings.queue.lock, longestSilence),
      retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
    });
    this.onError = reportConnectionErrors(this.redis, (message) => {
      if (!this.#stopped) onConnectionEvent(message);
    });
    this.records = new MailRecords(this.redis, new RecordFields(sealer), { timings, retention });
    this.timings = timings;
    this.retention = retention;
    this.digest = (value) => sealer.digest(value);
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    this.redis.connect().catch(this.onError);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.redis.disconnect();
  }
}
