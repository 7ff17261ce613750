/** What a process logs about its connection to Redis. */
import type { Redis } from 'ioredis';

/** Called with a fixed event name, and with fields: what happened, and in `fix` what to do. */
export type ConnectionLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;

const closed = 'the connection was closed';

/**
 * Logs once that Redis cannot be reached and once that it is back, instead of each attempt; and at the first connection how
 * Redis is configured wrongly.
 * @param clockSkew see `redisWarnings`
 * @returns to be called with errors that others meet on the same connection
 */
export function reportConnectionErrors(redis: Redis, log: ConnectionLog, clockSkew: number): (error: Error) => void {
  let isAway = false;
  let isChecked = false;
  const onError = (error: Error) => {
    if (redis.status === 'ready') return log('Redis command failed', { error: error.message });
    if (isAway) return;
    isAway = true;
    log('Redis cannot be reached', {
      error: error.message || closed,
      fix: 'start Redis, or correct REDIS_URL; the process reconnects on its own',
    });
  };
  redis.on('error', onError);
  redis.on('close', () => onError(new Error(closed)));
  redis.on('ready', () => {
    if (isAway) log('Redis connected again', {});
    isAway = false;
    if (isChecked) return;
    isChecked = true;
    redisWarnings(redis, clockSkew).then((warnings) => {
      for (const { event, ...fields } of warnings) log(event, fields);
    }, onError);
  });
  return onError;
}

/** One setting of Redis that endangers mail. */
type RedisWarning = { event: string; fix: string } & Record<string, string | number>;

/**
 * What is wrong with a Redis that must not lose mail; nothing where all is right. A Redis whose settings cannot be read, as
 * with many hosted ones, is checked for its clock only.
 * @param clockSkew in ms: a greater difference between both clocks makes waits wrong
 */
export async function redisWarnings(redis: Redis, clockSkew: number): Promise<RedisWarning[]> {
  const warnings: RedisWarning[] = [];
  const [seconds, microseconds] = await redis.time();
  const skewMs = Math.round(Math.abs(Date.now() - (Number(seconds) * 1000 + Number(microseconds) / 1000)));
  if (skewMs > clockSkew)
    warnings.push({ event: "Redis clock differs from this machine's", skewMs, fix: 'run NTP on both; until then waits are wrong' });
  const settings = await redis.config('GET', 'maxmemory-policy', 'appendonly', 'appendfsync').catch(() => undefined);
  if (settings === undefined) return warnings;
  const values = new Map<string, string>();
  const list = (Array.isArray(settings) ? settings : Object.entries(settings as object).flat()) as string[];
  for (let at = 0; at + 1 < list.length; at += 2) values.set(list[at] as string, list[at + 1] as string);
  const [policy = '', appendonly = '', appendfsync = ''] = ['maxmemory-policy', 'appendonly', 'appendfsync'].map((name) =>
    values.get(name),
  );
  if (policy !== 'noeviction')
    warnings.push({ event: 'Redis may evict mails when it is full', 'maxmemory-policy': policy, fix: 'set maxmemory-policy noeviction' });
  if (appendonly !== 'yes' || appendfsync !== 'always') {
    const fix = 'set appendonly yes and appendfsync always';
    warnings.push({ event: 'Redis may lose accepted mails in a crash', appendonly, appendfsync, fix });
  }
  return warnings;
}
