/**
 * The connection of a process that answers requests: the API and the dashboard. A request to Redis is answered within a second or
 * ends in QueueUnavailable; it never hangs, and the process may start while Redis is down.
 */
import { once } from 'node:events';
import type { Durations, RedisAccess, Retention, Service, Timings } from '@posthouse/contract';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { failsOnData } from '../record/record-error.ts';
import { RecordFields } from '../record/record-fields.ts';
import type { Sealer } from '../record/sealer.ts';
import { type ConnectionLog, ConnectionReporter, writeProbe } from '../redis/connection-log.ts';
import { usePrefix } from '../redis/keys.ts';
import { damagedData, QueueUnavailable, withTimeout } from '../redis/queue-unavailable.ts';
import { createRedisClient, isUsable } from '../redis/redis-client.ts';
import { needsReconnect, type RedisFailure, redisFailures } from '../redis/redis-failures.ts';
import { RedisClock } from '../redis/redis-time.ts';
import { MailRecords } from '../transitions/mail-records.ts';
import { MailJobs } from './mail-jobs.ts';
import { SecretCheck } from './secret-check.ts';

/** What works on the connection; for this package only. */
export interface RedisHandles {
  redis: Redis;
  jobs: MailJobs;
  records: MailRecords;
  clock: RedisClock;
}

/** Whether Redis can be used: `ok`, or why not. */
export type RedisState = 'ok' | RedisFailure;

/** That state as `/readyz` shows it; `detail` says what to do. */
export function describeRedisState(state: RedisState): { redis: RedisState; detail?: string } {
  if (state === 'ok') return { redis: state };
  const { meaning, fix } = redisFailures[state];
  return { redis: state, detail: `${meaning}: ${fix}.` };
}

/** One connection, and the limit on how long a request waits for it. */
export class RequestConnection implements Service {
  readonly name = 'connection to Redis';
  readonly timings: Timings;
  readonly retention: Retention;
  /** How records, and everything else that may contain an address, are sealed; for this package only. */
  readonly fields: RecordFields;
  readonly sealer: Sealer;
  readonly failure: Promise<Error>;
  readonly #url: string;
  readonly #access: RedisAccess | undefined;
  readonly #reporter: ConnectionReporter;
  readonly #secretCheck: SecretCheck;
  #handles: RedisHandles | undefined;
  #probing: Promise<RedisState> | undefined;
  #reconnecting: Promise<void> | undefined;

  /**
   * @param log called when the connection is lost, when it is back, and when Redis is configured wrongly
   * @param access what is not in the URL
   * @param searchKeys whether mails that are accepted on this connection are found by the local parts of their recipients and by their metadata
   */
  constructor(
    redisUrl: string,
    sealer: Sealer,
    { timings, retention }: Durations,
    log: ConnectionLog,
    access?: RedisAccess,
    searchKeys = false,
  ) {
    usePrefix(access?.prefix);
    this.#url = redisUrl;
    this.#access = access;
    this.fields = new RecordFields(sealer, searchKeys);
    this.sealer = sealer;
    this.#secretCheck = new SecretCheck(sealer);
    this.failure = this.#secretCheck.failure;
    this.timings = timings;
    this.retention = retention;
    this.#reporter = new ConnectionReporter((event, fields) => {
      if (this.#handles !== undefined) log(event, fields);
    }, timings.redis);
  }

  /** Waits until Redis is connected or cannot be, at most as long as a request does: so the first request does not come too early. */
  async start(): Promise<void> {
    const { connect, locate, requestSilence, requestReconnect: reconnect } = this.timings.redis;
    const { onRefusal, onError } = this.#reporter;
    const redis = createRedisClient(
      { url: this.#url, access: this.#access, reconnect, locate, onRefusal },
      {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        connectTimeout: connect,
        // Otherwise a server that vanished would be waited for as long as the kernel does.
        socketTimeout: requestSilence,
      },
    );
    this.#reporter.attach(redis);
    this.#secretCheck.attach(redis, onError);
    const clock = new RedisClock(redis, this.timings.redis.clockReading);
    const records = new MailRecords(redis, this.fields, this, this.#access?.waitReplicas);
    this.#handles = { redis, jobs: new MailJobs(redis, this, onError), records, clock };
    // An error of the connection, or its end where what was reached cannot be used, ends the wait too. The reporter logs it, and the attempts go on.
    const signal = AbortSignal.timeout(this.timings.queue.command);
    await Promise.race(['ready', 'close'].map((event) => once(redis, event, { signal }))).catch(() => undefined);
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
    if (isUsable(redis)) return;
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('end', () => reject(new QueueUnavailable('the connection was stopped')));
    });
  }

  /**
   * Waits until Redis answers, for a command that a person waits for.
   * @throws QueueUnavailable when it does not within the time limit, or SecretMismatchError when a key of this process is not the one that
   *   sealed the mails
   */
  async whenAnswered(): Promise<void> {
    await withTimeout(this.whenReady(), this.timings.redis.commandLine);
    await this.#secretCheck.run(this.handles.redis);
  }

  /** Whether Redis can be used, found out by a write; if not, why. Callers at the same time share one write. */
  async state(): Promise<RedisState> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    return await this.#probing;
  }

  /** True when Redis can be used. */
  async isReady(): Promise<boolean> {
    return (await this.state()) === 'ok';
  }

  async #probe(): Promise<RedisState> {
    const { writeProbeExpiry } = this.timings.redis;
    try {
      const { redis, records } = this.handles;
      const confirm = records.replicas.begin();
      await withTimeout(writeProbe(redis, writeProbeExpiry).then(confirm), this.timings.queue.command);
      if (!this.#reporter.lacksRights) return 'ok';
      return (await withTimeout(this.#reporter.checkRights(redis), this.timings.queue.command)) ? 'ok' : 'no-permission';
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) return 'refused';
      // Without a connection, the last attempt to connect says more than that there is none.
      return error.failure === 'unreachable' ? (this.#reporter.failure ?? error.failure) : error.failure;
    }
  }

  /**
   * Waits for Redis as long as a request may. Work that a former primary has refused, or that came while the connection to one was being
   * replaced, is done over the next connection, if there is one in time.
   * @param work may be called twice
   * @param moreMs added to that, for large values; these are also waited for while they are being written, until the connection counts as lost
   * @throws QueueUnavailable when there is no reply in time. The commands may have been run all the same
   */
  async run<T>(work: (handles: RedisHandles) => Promise<T>, moreMs = 0): Promise<T> {
    const until = Date.now() + this.timings.queue.command + moreMs;
    // Without this a large value that goes to Redis slowly would be stored after the answer that it may not be.
    const isWriting = () => moreMs > 0 && this.#handles !== undefined && this.#handles.redis.stream.writableLength > 0;
    const inTime = <R>(promise: Promise<R>) => withTimeout(promise, Math.max(until - Date.now(), 0), isWriting);
    try {
      return await inTime(work(this.handles));
    } catch (error) {
      if (failsOnData(error)) throw damagedData(error);
      if (!(error instanceof QueueUnavailable)) throw error;
      // Another process has sealed a mail since this one looked.
      if (error.failure === 'other-key') await inTime(this.#secretCheck.run(this.handles.redis)).catch(() => undefined);
      if (!error.isReconnecting) throw error;
      await inTime(this.#reconnected()).catch(() => Promise.reject(error));
      return await inTime(work(this.handles));
    }
  }

  /** All requests that wait for the next connection wait for the same promise. */
  #reconnected(): Promise<void> {
    this.#reconnecting ??= this.whenReady().finally(() => {
      this.#reconnecting = undefined;
    });
    return this.#reconnecting;
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
    if (!isUsable(this.#handles.redis)) {
      const failure = this.#reporter.failure ?? 'unreachable';
      throw new QueueUnavailable(redisFailures[failure].meaning, { failure, isReconnecting: needsReconnect(failure) });
    }
    return this.#handles;
  }
}
