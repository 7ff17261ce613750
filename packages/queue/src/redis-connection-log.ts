import type { Redis } from 'ioredis';
import { redisWarnings } from './redis-warnings.ts';

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
