/**
 * A worker's heartbeat: every few seconds it stores what it is, and Redis expires that when it is not renewed. Times are by the
 * clock of Redis, because workers run on many machines. As long as there is a heartbeat, no other worker takes the mails to whose
 * replies this worker still waits.
 */
import { hostname } from 'node:os';
import type { Service } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { workerKey, workersKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { storeHeartbeat } from './worker-scripts.ts';

/** What a worker reports of itself. */
export interface WorkerInfo {
  version: string;
  /** Mails in progress, at most. */
  concurrency: number;
  providers: readonly { name: string; host: string; account: string; ratePerSecond?: number }[];
}

/** A heartbeat as it is stored; instead of an account it has its digest. */
export interface HeartbeatRecord extends WorkerInfo {
  id: string;
  /** The machine. */
  host: string;
  pid: number;
  /** ms since the epoch. */
  startedAt: number;
}

/** Sends heartbeats as long as the worker runs. */
export class WorkerHeartbeat implements Service {
  readonly name = 'worker heartbeat';
  readonly #connection: WorkerConnection;
  readonly #info: WorkerInfo;
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> | undefined;

  constructor(connection: WorkerConnection, info: WorkerInfo) {
    this.#connection = connection;
    this.#info = info;
  }

  async start(): Promise<void> {
    const record = JSON.stringify(this.#record());
    this.#timer = setInterval(() => this.#store(record), this.#connection.timings.heartbeat.intervalMs);
    this.#store(record);
  }

  /** Removes the heartbeat, unless Redis is down. */
  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { redis } = this.#connection;
    if (redis.status !== 'ready') return;
    await this.#storing;
    await redis.multi().zrem(workersKey, this.#connection.workerId).del(workerKey(this.#connection.workerId)).exec();
  }

  /** While Redis is down one heartbeat waits for it, and the others are skipped. */
  #store(info: string): void {
    const { redis, timings, onError } = this.#connection;
    const keys = { workers: workersKey, worker: workerKey(this.#connection.workerId) };
    this.#storing ??= runScript(redis, storeHeartbeat, keys, { id: this.#connection.workerId, info, expiry: timings.heartbeat.gone })
      .then(() => undefined, onError)
      .finally(() => {
        this.#storing = undefined;
      });
  }

  #record(): HeartbeatRecord {
    const { version, concurrency, providers } = this.#info;
    return {
      id: this.#connection.workerId,
      version,
      host: hostname(),
      pid: process.pid,
      concurrency,
      startedAt: Date.now(),
      providers: providers.map(({ name, host, account, ratePerSecond }) => ({
        name,
        host,
        account: this.#connection.digest(account),
        ...(ratePerSecond !== undefined && { ratePerSecond }),
      })),
    };
  }
}
