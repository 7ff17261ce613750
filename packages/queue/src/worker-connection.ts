/**
 * A worker's connection to Redis, shared by all that a worker asks of it. Its commands wait for Redis however long it is
 * away: what was sent must be written down.
 */
import type { Service, Waits } from '@posthouse/contract';
import { Redis } from 'ioredis';
import { MailRecords } from './mail-records.ts';
import { RecordFields } from './record-fields.ts';
import { redisWarnings } from './redis-warnings.ts';
import type { Sealer } from './sealer.ts';
import { defineTransitions } from './transitions.ts';

/** One connection and the records behind it. */
export class WorkerConnection implements Service {
  readonly name = 'connection to Redis';
  /** For this room alone. */
  readonly redis: Redis;
  readonly records: MailRecords;
  readonly waits: Waits;
  readonly #onTrouble: (message: string) => void;

  /** @param onTrouble told when the connection is in trouble, which mends itself, and of what Redis is not set up for */
  constructor(redisUrl: string, sealer: Sealer, waits: Waits, onTrouble: (message: string) => void) {
    this.redis = new Redis(redisUrl, {
      lazyConnect: true,
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(50 * 2 ** times, 2000),
    });
    this.#onTrouble = onTrouble;
    this.redis.on('error', this.onError);
    this.redis.once('ready', () => void redisWarnings(this.redis).then((warnings) => warnings.forEach(onTrouble), this.onError));
    defineTransitions(this.redis);
    this.records = new MailRecords(this.redis, new RecordFields(sealer), waits);
    this.waits = waits;
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    this.redis.connect().catch(this.onError);
  }

  async stop(): Promise<void> {
    this.redis.disconnect();
  }

  /** Passes trouble on. */
  readonly onError = (error: Error): void => this.#onTrouble(`redis: ${error.message}`);
}
