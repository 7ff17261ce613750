import type { Redis } from 'ioredis';

/** The time by the clock of Redis, which all processes share; ms since the epoch. */
export async function redisTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
