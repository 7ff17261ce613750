/** What Redis has used so far: CPU time, memory and commands. */
import type { Redis } from 'ioredis';

export interface RedisUsage {
  /** ms of all its threads. */
  cpu: number;
  /** `used_memory`, in bytes. */
  memory: number;
  /** Commands, those inside scripts included. */
  commands: number;
}

/** Commands of this measurement and not of what is measured. */
const own = /^cmdstat_(info|config)/;

export async function redisUsage(redis: Redis): Promise<RedisUsage> {
  const lines = (await redis.info('everything')).split('\r\n').map((line) => line.split(':'));
  const value = (name: string) => Number(lines.find(([key]) => key === name)?.[1] ?? 0);
  const calls = lines
    .filter(([key = '']) => key.startsWith('cmdstat_') && !own.test(key))
    .map(([, text = '']) => /calls=(\d+)/.exec(text)?.[1]);
  return {
    cpu: (value('used_cpu_user') + value('used_cpu_sys')) * 1000,
    memory: value('used_memory'),
    commands: calls.reduce((sum, count) => sum + Number(count), 0),
  };
}
