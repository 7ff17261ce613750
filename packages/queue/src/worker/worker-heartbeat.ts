/**
 * A worker's heartbeat: every few seconds it stores what it is, and Redis expires that when it is not renewed. Times are by the
 * clock of Redis, because workers run on many machines. As long as there is a heartbeat, no other worker takes the mails to whose
 * replies this worker still waits. It also stores how long this worker keeps records, for processes without that setting. The reply to a heartbeat shows how far the clock of this process is from that of Redis.
 */
import { hostname } from 'node:os';
import type { Service } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { retentionKey, workerKey, workersKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { storeHeartbeat } from './worker-scripts.ts';

/** What a worker reports of itself. */
export interface WorkerInfo {
  version: string;
  /** Mails in progress, at most. */
  concurrency: number;
  providers: readonly {
    name: string;
    host: string;
    account: string;
    ratePerSecond?: number;
    /** Open connections, and how many it may have at the moment. */
    connections?: number;
    maxConnections?: number;
    /** How many it may have where the provider allows them. */
    pool?: number;
    /** Why this worker does not use it, as a code, where other workers may. */
    localFailure?: string;
  }[];
}

/** A heartbeat as it is stored; instead of an account it has its digest. */
export interface HeartbeatRecord extends WorkerInfo {
  id: string;
  /** The machine. */
  host: string;
  pid: number;
  /** ms since the epoch. */
  startedAt: number;
  /** How far its clock is ahead of that of Redis, or behind (negative), in ms; absent while the difference is small. */
  clockSkewMs?: number;
}

/**
 * Called after the first heartbeat, and whenever the clock turns wrong or right.
 * @param skewMs how far it is ahead of that of Redis, or behind (negative); undefined while the difference is within `timings.redis.clockSkew`
 */
type OnClock = (skewMs: number | undefined) => void;

/** What a worker counts in its memory. */
interface Counters {
  store(redis: Redis): Promise<void>;
}

/** Sends heartbeats as long as the worker runs. */
export class WorkerHeartbeat implements Service {
  readonly name = 'worker heartbeat';
  readonly #connection: WorkerConnection;
  readonly #info: () => WorkerInfo;
  readonly #onClock: OnClock;
  readonly #counters: readonly Counters[];
  readonly #startedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> | undefined;
  /** Whether the clock is right; undefined before the first heartbeat. */
  #isClockRight: boolean | undefined;
  #clockSkewMs = 0;
  /** When it was last stored, by the clock of `performance.now`. */
  ranAt = performance.now();

  /**
   * @param info called at each heartbeat
   * @param counters stored with each heartbeat
   */
  constructor(
    connection: WorkerConnection,
    info: () => WorkerInfo,
    onClock: OnClock = () => undefined,
    counters: readonly Counters[] = [],
  ) {
    this.#connection = connection;
    this.#info = info;
    this.#onClock = onClock;
    this.#counters = counters;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#store(), this.#connection.timings.heartbeat.intervalMs);
    this.#store();
  }

  /** Removes the heartbeat, unless Redis is down. */
  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { redis } = this.#connection;
    if (redis.status !== 'ready') return;
    await this.#storing;
    for (const counters of this.#counters) await counters.store(redis);
    await redis.multi().zrem(workersKey, this.#connection.workerId).del(workerKey(this.#connection.workerId)).exec();
  }

  /** While Redis is down one heartbeat waits for it, and the others are skipped. */
  #store(): void {
    this.#storing ??= this.#storeNow()
      .catch(this.#connection.onError)
      .finally(() => {
        this.#storing = undefined;
      });
  }

  async #storeNow(): Promise<void> {
    const { redis, retention, timings, workerId } = this.#connection;
    const keys = { workers: workersKey, worker: workerKey(workerId), retention: retentionKey };
    for (let isStored = false; !isStored; ) {
      const args = {
        id: workerId,
        info: JSON.stringify(this.#record()),
        expiry: timings.heartbeat.gone,
        keepSent: String(retention.sent),
        keepFailed: String(retention.failed),
      };
      const before = Date.now();
      const redisTime = await runScript(redis, storeHeartbeat, keys, args);
      // What the page shows of the clock does not wait for the next heartbeat.
      isStored = !this.#compareClocks(redisTime, before, Date.now());
    }
    for (const counters of this.#counters) await counters.store(redis);
    this.ranAt = performance.now();
  }

  /** Redis read its clock at some moment between both times of ours. @returns whether the clock turned wrong or right */
  #compareClocks(redisTime: number, before: number, after: number): boolean {
    this.#clockSkewMs = Math.max(before - redisTime, 0) || Math.min(after - redisTime, 0);
    const isRight = Math.abs(this.#clockSkewMs) <= this.#connection.timings.redis.clockSkew;
    if (isRight === this.#isClockRight) return false;
    const isChange = this.#isClockRight !== undefined || !isRight;
    this.#isClockRight = isRight;
    this.#onClock(isRight ? undefined : this.#clockSkewMs);
    return isChange;
  }

  #record(): HeartbeatRecord {
    const { version, concurrency, providers } = this.#info();
    return {
      id: this.#connection.workerId,
      version,
      host: hostname(),
      pid: process.pid,
      concurrency,
      startedAt: this.#startedAt,
      ...(this.#isClockRight === false && { clockSkewMs: this.#clockSkewMs }),
      providers: providers.map(({ name, host, account, ratePerSecond, localFailure, connections, maxConnections, pool }) => ({
        name,
        host,
        account: this.#connection.digest(account),
        ...(ratePerSecond !== undefined && { ratePerSecond }),
        ...(localFailure !== undefined && { localFailure }),
        ...(connections !== undefined && { connections }),
        ...(maxConnections !== undefined && { maxConnections }),
        ...(pool !== undefined && { pool }),
      })),
    };
  }
}
