/**
 * How a worker says that it is alive: every few seconds it writes a sign that Redis forgets when it is not renewed. The
 * clock is that of Redis, because workers run on many machines.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Service } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { workerKey, workersKey } from '../redis/keys.ts';

/** What a worker says of itself. */
export interface WorkerInfo {
  version: string;
  /** Mails in hand at the most. */
  concurrency: number;
  providers: readonly { name: string; host: string; account: string; ratePerSecond?: number }[];
}

/** The sign as it stands in Redis; of an account only its digest. */
export interface HeartbeatRecord extends WorkerInfo {
  id: string;
  /** The machine. */
  host: string;
  pid: number;
  /** ms since the epoch. */
  startedAt: number;
}

/** KEYS: workers, this worker. ARGV: id, sign, ms until it is forgotten. Others that are long silent are cleared away. */
const heartbeat = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])`;

/** Keeps a worker's sign alive as long as it runs. */
export class WorkerHeartbeat implements Service {
  readonly name = 'presence';
  readonly #connection: WorkerConnection;
  readonly #id = randomUUID();
  readonly #sign: WorkerInfo;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;

  constructor(connection: WorkerConnection, sign: WorkerInfo) {
    this.#connection = connection;
    this.#sign = sign;
  }

  async start(): Promise<void> {
    const sign = JSON.stringify(this.#written());
    this.#timer = setInterval(() => this.#heartbeat(sign), this.#connection.timings.heartbeat.intervalMs);
    this.#heartbeat(sign);
  }

  /** Says goodbye, if Redis can hear it. */
  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { redis } = this.#connection;
    if (redis.status !== 'ready') return;
    await this.#beating;
    await redis.multi().zrem(workersKey, this.#id).del(workerKey(this.#id)).exec();
  }

  /** While Redis is away one beat waits for it, and the others are left out. */
  #heartbeat(sign: string): void {
    const { redis, timings, onError } = this.#connection;
    this.#beating ??= redis
      .eval(heartbeat, 2, workersKey, workerKey(this.#id), this.#id, sign, timings.heartbeat.gone)
      .then(() => undefined, onError)
      .finally(() => {
        this.#beating = undefined;
      });
  }

  #written(): HeartbeatRecord {
    const { version, concurrency, providers } = this.#sign;
    return {
      id: this.#id,
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
