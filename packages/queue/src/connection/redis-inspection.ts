/** One look at a Redis that no process uses yet: whether it answers, what of its settings endangers mail, and what its user may not do. */
import type { RedisAccess, Timings } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import type { Sealer } from '../record/sealer.ts';
import { type RedisReadings, type RedisWarnings, readRedis, redisWarnings } from '../redis/connection-log.ts';
import { usePrefix } from '../redis/keys.ts';
import { QueueUnavailable, withTimeout } from '../redis/queue-unavailable.ts';
import { createRedisClient } from '../redis/redis-client.ts';
import { type RedisFailure, redisFailures } from '../redis/redis-failures.ts';
import { missingRights } from '../redis/rights-check.ts';
import { SecretCheck, SecretMismatchError } from './secret-check.ts';

/** What was found. */
export interface RedisInspection {
  /** What the user of REDIS_URL lacks, as ACL SETUSER takes it. Where anything is missing the rest is not looked at. */
  missingRights: string[];
  /** `7.0.15` */
  version?: string;
  readings?: RedisReadings;
  /** What is wrong with them; nothing where all is right. */
  warnings: RedisWarnings;
  /** Mails in it are sealed with another key of the same name, in a sentence. */
  secretIssue?: string;
}

/**
 * @param sealer has the keys that seal mails in it; undefined where they are not known
 * @param access what is not in the URL
 * @throws the error of the connection, or QueueUnavailable where no answer comes in time
 */
export async function inspectRedis(
  url: string,
  sealer: Sealer | undefined,
  { redis: timings }: Timings,
  access?: RedisAccess,
): Promise<RedisInspection> {
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
  const inspect = async (): Promise<RedisInspection> => {
    const missing = await missingRights(redis, timings.writeProbeExpiry);
    if (missing.length > 0) return { missingRights: missing, warnings: {} };
    const readings = await readRedis(redis);
    const version = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1];
    const issue = sealer && (await secretIssue(redis, sealer));
    return {
      missingRights: missing,
      readings,
      warnings: redisWarnings(readings, timings.clockSkew),
      ...(version !== undefined && { version }),
      ...(issue !== undefined && { secretIssue: issue }),
    };
  };
  try {
    await withTimeout(
      redis.connect().catch((error: Error) => Promise.reject(cause ?? error)),
      timings.commandLine,
    );
    return await withTimeout(inspect(), timings.commandLine);
  } finally {
    redis.disconnect();
  }
}

async function secretIssue(redis: Redis, sealer: Sealer): Promise<string | undefined> {
  try {
    await new SecretCheck(sealer).run(redis);
    return undefined;
  } catch (error) {
    if (error instanceof SecretMismatchError) return error.message;
    throw error;
  }
}
