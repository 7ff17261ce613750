/** What `init` says about Redis: whether one answers, how to start one, and which settings would lose mail. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseRedisUrl, type Timings } from '@posthouse/contract';
import type { RedisWarning } from '@posthouse/queue';
import type { RedisSettings } from '@posthouse/runtime';

/** What was found. */
export interface RedisFinding {
  /** Hosts and ports, without user and password. */
  address: string;
  /** `unsafe`: it answers, but its settings would lose mail. `unusable`: it answers, and cannot be used as it is. */
  state: 'ready' | 'unsafe' | 'unusable' | 'absent';
  /** Why, each with what to do about it. */
  issues: readonly string[];
}

/** Every change is on disk before Redis replies, and no key is evicted. */
const durable = '--appendonly yes --appendfsync always --maxmemory-policy noeviction';

/** Asks Redis. Never throws. @param secret the value of POSTHOUSE_SECRET */
export async function findRedis({ redisUrl, redisAccess }: RedisSettings, secret: string, timings: Timings): Promise<RedisFinding> {
  const { inspectRedis, QueueUnavailable, redisFailures, Sealer, sealKeys } = await import('@posthouse/queue');
  const { hosts } = parseRedisUrl(redisUrl);
  const address = hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
  try {
    const found = await inspectRedis(redisUrl, new Sealer(sealKeys(secret)), timings, redisAccess);
    if (found.secretIssue !== undefined) return { address, state: 'unusable', issues: [found.secretIssue] };
    if (found.missingRights.length > 0) {
      const { meaning, fix } = redisFailures['no-permission'];
      return { address, state: 'unusable', issues: [`${meaning} (${found.missingRights.join(' ')}): ${fix}.`] };
    }
    const issues = Object.values(found.warnings).map((warning) => `${warningText(warning)}: ${warning.fix}.`);
    return { address, state: issues.length === 0 ? 'ready' : 'unsafe', issues };
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) return { address, state: 'unusable', issues: [(error as Error).message] };
    if (error.failure === 'unreachable') return { address, state: 'absent', issues: [`No Redis at ${address}. ${error.message}.`] };
    return { address, state: 'unusable', issues: [`${error.message}: ${redisFailures[error.failure].fix}.`] };
  }
}

/** The error of a connection in words: those of the client's parser say nothing to its user. */
export function connectionCause(message: string): string {
  return /RESP type|Protocol error/i.test(message) ? 'what answers there is not Redis' : message;
}

/** What is wrong with a setting, with the values of Redis. */
export function warningText({ event, fix: _fix, ...values }: RedisWarning): string {
  const found = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  return found.length === 0 ? event : `${event} (${found.join(', ')})`;
}

/** @returns lines for a person: what was found, and what to do */
export async function redisAdvice({ address, state, issues }: RedisFinding): Promise<string[]> {
  if (state === 'ready') return [`Redis answers at ${address}, writes every change to disk and evicts no key.`];
  if (state === 'unsafe')
    return [`Redis answers at ${address}, but its settings endanger mail. Correct them in redis.conf and with CONFIG SET:`, ...issues];
  if (state === 'unusable') return [`Redis answers at ${address}, but cannot be used.`, ...issues];
  const program = await redisProgram();
  const start = `${program ?? 'redis-server'} ${durable}`;
  const install =
    'Install Redis (apt install redis-server, brew install redis; npm start does it too), or name one in REDIS_URL. Then start it:';
  return [...issues, program === undefined ? install : 'Start one that loses no mail, or name another one in REDIS_URL:', `  ${start}`];
}

/** @returns the server that is installed, if any */
async function redisProgram(): Promise<string | undefined> {
  for (const program of ['redis-server', 'valkey-server']) {
    const found = await promisify(execFile)(program, ['--version']).catch(() => undefined);
    if (found !== undefined) return program;
  }
  return undefined;
}
