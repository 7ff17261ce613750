/** One look at a Redis that no process uses yet: whether it answers, and what of its settings endangers mail. */
import type { Timings } from '@posthouse/contract';
import type { Sealer } from '../record/sealer.ts';
import { type RedisWarning, redisWarnings } from '../redis/connection-log.ts';
import { usePrefix } from '../redis/keys.ts';
import { QueueUnavailable, withTimeout } from '../redis/queue-unavailable.ts';
import { createRedisClient, type RedisAccess } from '../redis/redis-client.ts';
import { type RedisFailure, redisFailures } from '../redis/redis-failures.ts';
import { SecretCheck } from './secret-check.ts';

/**
 * @param sealer has the keys that will seal mails in it
 * @param access what is not in the URL
 * @returns what is wrong with its settings; nothing where all is right
 * @throws the error of the connection, QueueUnavailable where no answer comes in time, SecretMismatchError where mails in it are sealed with
 *   another key of the same name
 */
export async function inspectRedis(
  url: string,
  sealer: Sealer,
  { redis: timings }: Timings,
  access?: RedisAccess,
): Promise<RedisWarning[]> {
  usePrefix(access?.prefix);
  let cause: Error | undefined;
  const onRefusal = (failure: RedisFailure) => {
    cause ??= new QueueUnavailable(redisFailures[failure].meaning, { failure });
  };
  const redis = createRedisClient(
    { url, access, reconnect: timings.requestReconnect, locate: timings.locate, onRefusal },
    { lazyConnect: true, connectTimeout: timings.connect, maxRetriesPerRequest: 1 },
  );
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  try {
    await withTimeout(
      redis.connect().catch((error: Error) => Promise.reject(cause ?? error)),
      timings.commandLine,
    );
    await new SecretCheck(sealer).run(redis);
    return await withTimeout(redisWarnings(redis, timings.clockSkew), timings.commandLine);
  } finally {
    redis.disconnect();
  }
}
