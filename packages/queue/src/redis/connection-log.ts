import type { Redis } from 'ioredis';

/**
 * Tells once that Redis is out of reach and once that it is back, instead of a line for each vain try; and at each
 * connection what it is not set up for.
 * @returns for errors that others meet on the same connection
 */
export function reportConnectionErrors(redis: Redis, tell: (message: string) => void): (error: Error) => void {
  let isAway = false;
  let warned = false;
  const onError = (error: Error) => {
    if (redis.status === 'ready') return tell(`Redis: ${error.message}`);
    if (isAway) return;
    isAway = true;
    tell(
      `Redis cannot be reached: ${error.message || 'the connection was closed'}. Is it running, and is REDIS_URL right? It is tried until it can.`,
    );
  };
  redis.on('error', onError);
  redis.on('close', () => onError(new Error('the connection was closed')));
  redis.on('ready', () => {
    if (isAway) tell('Redis is reached again.');
    isAway = false;
    if (warned) return;
    warned = true;
    redisWarnings(redis).then((warnings) => warnings.forEach(tell), onError);
  });
  return onError;
}

/** Clocks further apart than this make waits wrong, in ms. */
const clockTolerance = 5000;

/**
 * What is amiss with a Redis for holding mail that must not be lost, in words; nothing where all is well. A Redis that
 * does not let its settings be read, as many rented ones do, is asked no further.
 */
export async function redisWarnings(redis: Redis): Promise<string[]> {
  const warnings: string[] = [];
  const [seconds, microseconds] = await redis.time();
  const apart = Math.round(Math.abs(Date.now() - (Number(seconds) * 1000 + Number(microseconds) / 1000)));
  if (apart > clockTolerance)
    warnings.push(`the clock of Redis is ${apart} ms away from this machine's: run NTP on both, or waits will be wrong`);
  const settings = await redis.config('GET', 'maxmemory-policy', 'appendonly', 'appendfsync').catch(() => undefined);
  if (settings === undefined) return warnings;
  const values = new Map<string, string>();
  const list = (Array.isArray(settings) ? settings : Object.entries(settings as object).flat()) as string[];
  for (let at = 0; at + 1 < list.length; at += 2) values.set(list[at] as string, list[at + 1] as string);
  if (values.get('maxmemory-policy') !== 'noeviction') {
    warnings.push(`Redis may drop mails when it is full (maxmemory-policy ${values.get('maxmemory-policy')}): set it to noeviction`);
  }
  if (values.get('appendonly') !== 'yes' || values.get('appendfsync') !== 'always') {
    warnings.push('Redis may lose mails that were accepted when it crashes: set appendonly yes and appendfsync always');
  }
  return warnings;
}
