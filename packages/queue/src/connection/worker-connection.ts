/**
 * A worker's connection to Redis, shared by all parts of the worker. Its commands wait for Redis however long it is down: what was
 * sent must be recorded.
 */
import { randomUUID } from 'node:crypto';
import type { Durations, RedisAccess, Retention, Service, Timings } from '@posthouse/contract';
import { createIORedisClient } from 'bullmq';
import type { Redis } from 'ioredis';
import { ActivePauses } from '../record/pause.ts';
import { RecordFields } from '../record/record-fields.ts';
import { prepareShapeCheck } from '../record/record-shape.ts';
import type { Sealer } from '../record/sealer.ts';
import { type ConnectionLog, ConnectionReporter } from '../redis/connection-log.ts';
import { usePrefix } from '../redis/keys.ts';
import { withTimeout } from '../redis/queue-unavailable.ts';
import { createRedisClient, isUsable, repeatRefused } from '../redis/redis-client.ts';
import { MailRecords } from '../transitions/mail-records.ts';
import { SecretCheck } from './secret-check.ts';

/** One connection, and the records behind it. */
export class WorkerConnection implements Service {
  readonly name = 'connection to Redis';
  /** Identifies this worker process; see WorkerHeartbeat. */
  readonly workerId = randomUUID();
  /** For this package only. */
  readonly redis: Redis;
  readonly records: MailRecords;
  readonly timings: Timings;
  readonly retention: Retention;
  readonly failure: Promise<Error>;
  /** The pauses as they were read last; see PauseMonitor. */
  readonly pauses: ActivePauses;
  /** For this package only. */
  readonly sealer: Sealer;
  /** See Sealer.digest. */
  readonly digest: (value: string) => string;
  /** To be called with errors that others meet on this connection. */
  readonly onError: (error: Error) => void;
  readonly #secretCheck: SecretCheck;
  readonly #reporter: ConnectionReporter;
  #stopped = false;

  /**
   * @param log called when the connection is lost, when it is back, and when Redis is configured wrongly
   * @param access what is not in the URL
   */
  constructor(redisUrl: string, sealer: Sealer, { timings, retention }: Durations, log: ConnectionLog, access?: RedisAccess) {
    usePrefix(access?.prefix);
    const { locate, workerSilence, workerReconnect: reconnect } = timings.redis;
    const reporter = new ConnectionReporter((event, fields) => {
      if (!this.#stopped) log(event, fields);
    }, timings.redis);
    this.#reporter = reporter;
    this.onError = reporter.onError;
    this.redis = createRedisClient(
      { url: redisUrl, access, reconnect, locate, onRefusal: reporter.onRefusal },
      {
        lazyConnect: true,
        maxRetriesPerRequest: null,
        // Otherwise a server that vanished would be waited for as long as the kernel does.
        socketTimeout: workerSilence,
      },
    );
    reporter.attach(this.redis);
    this.#secretCheck = new SecretCheck(sealer);
    this.#secretCheck.attach(this.redis, reporter.onError);
    this.failure = this.#secretCheck.failure;
    repeatScriptsOfBullMQ(this.redis);
    this.records = new MailRecords(this.redis, new RecordFields(sealer), { timings, retention }, access?.waitReplicas);
    this.sealer = sealer;
    this.timings = timings;
    this.retention = retention;
    this.digest = (value) => sealer.digest(value);
    this.pauses = new ActivePauses((value) => sealer.digests(value));
  }

  /** Begins to connect; does not wait for Redis. */
  async start(): Promise<void> {
    this.redis.connect().catch(this.onError);
    prepareShapeCheck();
  }

  /**
   * Waits until Redis answers, for a command that a person waits for.
   * @throws QueueUnavailable when it does not within the time limit
   */
  async whenReady(): Promise<void> {
    await withTimeout(this.redis.ping(), this.timings.redis.commandLine);
  }

  /** Whether Redis takes commands, as far as the connection knows. */
  get isUsable(): boolean {
    return isUsable(this.redis) && this.#reporter.failure === undefined;
  }

  /** @throws SecretMismatchError when a key of this process is not the one that sealed the mails */
  async checkSecret(): Promise<void> {
    await this.#secretCheck.run(this.redis);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.redis.disconnect();
  }
}

/** BullMQ takes the refusal of a former primary for a failure of the job; so its scripts, too, wait for the next connection. */
function repeatScriptsOfBullMQ(redis: Redis): void {
  const client = createIORedisClient(redis);
  const runCommand = client.runCommand;
  client.runCommand = (name, args) => repeatRefused(redis, () => runCommand(name, args));
}
