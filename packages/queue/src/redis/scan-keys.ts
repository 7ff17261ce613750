/** Walks all keys, a few at a time, so that Redis stays responsive: for the command line only, never on the path of a request. */
import type { Redis } from 'ioredis';

/** @param batchSize keys that Redis looks at for one batch */
export async function* scanKeys(redis: Redis, pattern: string, batchSize: number): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', batchSize);
    cursor = next;
    if (keys.length > 0) yield keys;
  } while (cursor !== '0');
}
