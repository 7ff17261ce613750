/** What a process logs about its connection to Redis. */
import type { Timings } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { writeProbeKey } from './keys.ts';
import { isDisconnection } from './queue-unavailable.ts';
import { needsReconnect, type RedisFailure, redisFailures, refusalOf } from './redis-failures.ts';
import { redisTime } from './redis-time.ts';
import { missingRights } from './rights-check.ts';

/** Called with a fixed event name, and with fields: what happened, and in `fix` what to do. */
export type ConnectionLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;

const closed = 'the connection was closed';

/** What to do about an error of the connection, by its code or the beginning of its message. */
const fixes: readonly [error: RegExp, fix: string][] = [
  [/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)/, 'set REDIS_CA_FILE to the certificate of the authority that issued that of Redis'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/, "renew the certificate of Redis, or correct this machine's clock"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID/, 'use a host name in REDIS_URL that the certificate of Redis names'],
  [/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH)/, 'this port takes no TLS: use redis://, or the port for TLS'],
  [/^ERR_SSL_\w*ALERT/, 'set REDIS_CERT_FILE and REDIS_KEY_FILE to a client certificate that Redis accepts, and its key'],
];

/** A server that verifies its clients may end the connection without saying so, and one without TLS waits for more. */
const startFixWithTls =
  'start Redis, or correct REDIS_URL (redis:// where it takes no TLS), or set REDIS_CERT_FILE and REDIS_KEY_FILE (where it verifies its clients); the process reconnects on its own';

/**
 * Logs once that Redis cannot be used, and why, and once that it can again, instead of each attempt; and at the first connection
 * how Redis is configured wrongly.
 */
export class ConnectionReporter {
  readonly #log: ConnectionLog;
  readonly #timings: Pick<Timings['redis'], 'clockSkew' | 'writeProbeExpiry' | 'refusalLog'>;
  readonly #logged = new Set<RedisFailure>();
  /** When a refusal that does not end the connection was last logged, ms since the epoch. */
  readonly #refusedAt = new Map<RedisFailure, number>();
  #failure: RedisFailure | undefined;
  /** Undefined before the first check. */
  #missingRights: string | undefined;
  #isChecked = false;
  #isReady: () => boolean = () => false;
  #startFix = 'start Redis, or correct REDIS_URL (rediss:// where it takes TLS only); the process reconnects on its own';

  constructor(log: ConnectionLog, timings: Pick<Timings['redis'], 'clockSkew' | 'writeProbeExpiry' | 'refusalLog'>) {
    this.#log = log;
    this.#timings = timings;
  }

  /** Why Redis cannot be used, as far as the connection knows; undefined while it can. */
  get failure(): RedisFailure | undefined {
    return this.#failure;
  }

  /** Begins to report on a connection. */
  attach(redis: Redis): void {
    this.#isReady = () => redis.status === 'ready';
    if (redis.options.tls !== undefined) this.#startFix = startFixWithTls;
    redis.on('error', this.onError);
    // A connection that is replaced closes too; why is known then.
    redis.on('close', () => this.#failure === undefined && this.#unreachable(new Error(closed)));
    redis.on('ready', () => void this.#onReady(redis).catch(this.onError));
  }

  /** To be called with errors that others meet on the same connection. */
  readonly onError = (error: Error): void => {
    // Of a connection that is being replaced, why is known.
    if (this.#failure !== undefined && this.#isReady() && isDisconnection(error)) return;
    const failure = refusalOf(error);
    if (failure !== undefined && needsReconnect(failure)) this.onRefusal(failure);
    else if (failure !== undefined && this.#isReady()) this.#logRefusal(failure, error);
    else if (this.#isReady() && !('syscall' in error)) this.#log('Redis command failed', { error: error.message });
    else this.#unreachable(error);
  };

  /** To be called when Redis answers and another server is needed. */
  readonly onRefusal = (failure: RedisFailure): void => {
    const { meaning, fix } = redisFailures[failure];
    this.#report(failure, meaning, { fix });
  };

  #unreachable(error: Error): void {
    // A connection that was ended for a reason is closed as well.
    if (error.message === 'Connection is closed.' && this.#failure !== undefined) return;
    const { code = '', message } = error as NodeJS.ErrnoException;
    const known = fixes.find(([pattern]) => pattern.test(code) || pattern.test(message));
    const failure = refusalOf(error) ?? 'unreachable';
    const { meaning, fix } = redisFailures[failure];
    const startFix = failure === 'unreachable' ? this.#startFix : fix;
    this.#report(failure, meaning, { error: message || code || closed, fix: known?.[1] ?? startFix });
  }

  /** Logs every right that the user of REDIS_URL lacks, in one line. @returns false where one is missing */
  async checkRights(redis: Redis): Promise<boolean> {
    const missing = (await missingRights(redis, this.#timings.writeProbeExpiry)).join(' ');
    if (missing !== '' && missing !== this.#missingRights) {
      const { meaning, fix } = redisFailures['no-permission'];
      this.#log(meaning, { missing, fix });
    }
    this.#missingRights = missing;
    return missing === '';
  }

  /** Whether the last check found that a right is missing. */
  get lacksRights(): boolean {
    return this.#missingRights !== undefined && this.#missingRights !== '';
  }

  /** The connection stays, and others may be refused for the same reason: each reason is logged now and then. */
  #logRefusal(failure: RedisFailure, { message }: Error): void {
    const { meaning, fix } = redisFailures[failure];
    // The check names it, together with all others.
    if (failure === 'no-permission' && this.#missingRights !== '') return;
    if (Date.now() - (this.#refusedAt.get(failure) ?? 0) < this.#timings.refusalLog) return;
    this.#refusedAt.set(failure, Date.now());
    this.#log(meaning, { error: message, fix });
  }

  #report(failure: RedisFailure, event: string, fields: Record<string, string>): void {
    this.#failure = failure;
    if (this.#logged.has(failure)) return;
    this.#logged.add(failure);
    this.#log(event, fields);
  }

  async #onReady(redis: Redis): Promise<void> {
    if (this.#failure !== undefined) {
      const refusal = await writeProbe(redis, this.#timings.writeProbeExpiry).catch(refusalOf);
      if (needsReconnect(refusal)) return;
      this.#failure = undefined;
      this.#logged.clear();
      this.#log('Redis connected again', {});
    }
    if (this.#isChecked) return;
    this.#isChecked = true;
    await this.checkRights(redis);
    const warnings = redisWarnings(await readRedis(redis), this.#timings.clockSkew);
    for (const { event, ...fields } of Object.values(warnings)) this.#log(event, fields);
  }
}

/** Writes something, because a server that replies to PING may still refuse to write. @param expiry in ms. @throws what Redis replies */
export async function writeProbe(redis: Redis, expiry: number): Promise<undefined> {
  await redis.set(writeProbeKey, '1', 'PX', expiry);
}

/** One setting of Redis that endangers mail. */
export type RedisWarning = { event: string; fix: string } & Record<string, string | number>;

/** What a warning is about: the clock, or one of the risks. */
export type RedisWarnings = Partial<Record<'clock' | RedisRisk, RedisWarning>>;

/** What Redis says of its clock and its settings. */
export interface RedisReadings extends Awaited<ReturnType<typeof readDurability>> {
  /** The difference between its clock and that of this machine. */
  skewMs: number;
}

/** Reads both. Of a Redis whose settings cannot be read, as with many hosted ones, the risk is `unknown`. */
export async function readRedis(redis: Redis): Promise<RedisReadings> {
  return { skewMs: Math.abs(Date.now() - (await redisTime(redis))), ...(await readDurability(redis)) };
}

/**
 * What is wrong with a Redis that must not lose mail; nothing where all is right.
 * @param clockSkew in ms: a greater difference between both clocks makes waits wrong
 */
export function redisWarnings({ skewMs, risks, policy, appendonly, appendfsync }: RedisReadings, clockSkew: number): RedisWarnings {
  const warnings: RedisWarnings = {};
  if (skewMs > clockSkew)
    warnings.clock = { event: "Redis clock differs from this machine's", skewMs, fix: 'run NTP on both; until then waits are wrong' };
  if (risks.includes('unknown')) {
    const fix = 'set maxmemory-policy noeviction, appendonly yes and appendfsync always, or what the service has for them';
    warnings.unknown = { event: 'Redis does not show whether it keeps mails: CONFIG is forbidden', fix };
  }
  if (risks.includes('evicts'))
    warnings.evicts = {
      event: 'Redis may evict mails when it is full',
      'maxmemory-policy': policy,
      fix: 'set maxmemory-policy noeviction',
    };
  if (risks.includes('forgets')) {
    const fix = 'set appendonly yes and appendfsync always';
    warnings.forgets = { event: 'Redis may lose accepted mails in a crash', appendonly, appendfsync, fix };
  }
  return warnings;
}

/** How Redis may lose mails: it evicts keys when it is full, forgets in a crash what it has acknowledged, or does not show its settings. */
export type RedisRisk = 'evicts' | 'forgets' | 'unknown';

/** Reads the settings that keep mails safe. Many hosted ones forbid CONFIG. */
export async function readDurability(
  redis: Redis,
): Promise<{ risks: RedisRisk[]; policy: string; appendonly: string; appendfsync: string }> {
  const settings = await redis.config('GET', 'maxmemory-policy', 'appendonly', 'appendfsync').catch(() => undefined);
  const values = new Map<string, string>();
  const list = (Array.isArray(settings) ? settings : Object.entries((settings ?? {}) as object).flat()) as string[];
  for (let at = 0; at + 1 < list.length; at += 2) values.set(list[at] as string, list[at + 1] as string);
  const [policy = '', appendonly = '', appendfsync = ''] = ['maxmemory-policy', 'appendonly', 'appendfsync'].map((name) =>
    values.get(name),
  );
  const risks: RedisRisk[] = [];
  if (settings === undefined) risks.push('unknown');
  if (settings !== undefined && policy !== 'noeviction') risks.push('evicts');
  if (settings !== undefined && (appendonly !== 'yes' || appendfsync !== 'always')) risks.push('forgets');
  return { risks, policy, appendonly, appendfsync };
}
