import type { Redis } from 'ioredis';

/** The time by the clock of Redis, which all processes share; ms since the epoch. */
export async function redisTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

/**
 * The time by the clock of Redis for many callers: Redis is read at most once in `intervalMs`, and in between the time goes on by the
 * monotonic clock of this process, so that a request does not wait for Redis once more. It is never ahead of the clock of Redis.
 */
export class RedisClock {
  readonly #redis: Redis;
  readonly #intervalMs: number;
  #reading: Promise<ClockReading> | undefined;
  #known: ClockReading | undefined;

  constructor(redis: Redis, intervalMs: number) {
    this.#redis = redis;
    this.#intervalMs = intervalMs;
    // Another server may have another time.
    redis.on('ready', () => {
      this.#known = undefined;
    });
  }

  /** ms since the epoch. */
  async now(): Promise<number> {
    return this.known ?? timeOf(await this.#read());
  }

  /** The same, while Redis need not be read for it. */
  get known(): number | undefined {
    return this.#isCurrent(this.#known) ? timeOf(this.#known) : undefined;
  }

  #isCurrent(known: { at: number } | undefined): known is { time: number; at: number } {
    return known !== undefined && performance.now() - known.at < this.#intervalMs;
  }

  /** Callers at the same time share one reading. */
  async #read(): Promise<ClockReading> {
    this.#reading ??= redisTime(this.#redis)
      .then((time) => ({ time, at: performance.now() }))
      .finally(() => {
        this.#reading = undefined;
      });
    this.#known = await this.#reading;
    return this.#known;
  }
}

/** ms since the epoch, and ms by the monotonic clock of this process, at the same moment. */
interface ClockReading {
  time: number;
  at: number;
}

function timeOf({ time, at }: ClockReading): number {
  return time + Math.floor(performance.now() - at);
}
