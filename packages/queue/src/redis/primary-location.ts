/**
 * Which server to connect to: the one that the URL names, the master that Sentinels name, or the server of a Redis Cluster that has the
 * slot of all our keys. Because that is a single slot, a Cluster needs no other client than a single server does: one connection to one
 * server, on which transactions, scripts and WAIT mean the same. After a failover, or where the slot has moved, the question is asked again.
 */
import type { ConnectionOptions } from 'node:tls';
import type { HostPort, RedisUrl } from '@posthouse/contract';
import { Redis } from 'ioredis';
import { prefix } from './keys.ts';
import { type RedisFailure, refusalOf } from './redis-failures.ts';

/** What the hosts of the URL are asked with. */
export interface LocationAccess {
  tls: ConnectionOptions | undefined;
  username: string | undefined;
  password: string | undefined;
  /** ms for each host. */
  timeoutMs: number;
}

/** That there is no server to connect to, and why. */
class LocationError extends Error {
  override readonly name = 'LocationError';
  /** Read by `refusalOf`. */
  readonly redisFailure: RedisFailure;
  readonly code?: string;

  /** @param code of the error of a connection, where there was one */
  constructor(redisFailure: RedisFailure, message: string, code?: string) {
    super(message);
    if (code !== undefined) this.code = code;
    this.redisFailure = redisFailure;
  }
}

/** @throws LocationError */
export async function locatePrimary({ kind, hosts, masterName = '' }: RedisUrl, access: LocationAccess): Promise<HostPort> {
  if (kind === 'single') return hosts[0] as HostPort;
  const answers = await Promise.all(
    hosts.map((host) =>
      ask(host, access, kind === 'sentinel' ? masterOf(masterName) : slotOwner(host)).catch((error: Error) => ({ host, error })),
    ),
  );
  const named = answers.filter((answer): answer is HostPort => answer !== undefined && 'port' in answer);
  if (named.length > 0) return mostNamed(named);
  const errors = answers.filter((answer) => answer !== undefined && 'error' in answer);
  if (errors.length < hosts.length) {
    throw kind === 'sentinel'
      ? new LocationError('master-unknown', `no Sentinel knows a master "${masterName}"`)
      : new LocationError('slot-not-served', 'the Cluster has no server for the slot');
  }
  const why = errors.map(({ host, error }) => `${host.host}:${host.port}: ${error.message}`).join('; ');
  const refusal = errors.map(({ error }) => refusalOf(error)).find((failure) => failure !== undefined);
  const last: NodeJS.ErrnoException | undefined = errors.at(-1)?.error;
  throw new LocationError(refusal ?? (kind === 'sentinel' ? 'no-sentinel' : 'unreachable'), why, last?.code);
}

/** A single host may know less than the others: it was away during a failover, or is cut off. */
function mostNamed(named: readonly HostPort[]): HostPort {
  const votes = new Map<string, number>();
  for (const { host, port } of named) votes.set(`${host} ${port}`, (votes.get(`${host} ${port}`) ?? 0) + 1);
  const most = Math.max(...votes.values());
  return named.find(({ host, port }) => votes.get(`${host} ${port}`) === most) as HostPort;
}

/** A question, and how to read the answer; undefined where the host knows no server. */
type Question = (redis: Redis) => Promise<HostPort | undefined>;

async function ask({ host, port }: HostPort, { tls, username, password, timeoutMs }: LocationAccess, question: Question) {
  const redis = new Redis({
    host,
    port,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let cause: Error | undefined;
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}

function masterOf(name: string): Question {
  return async (redis) => {
    const address = (await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string] | null;
    return address === null ? undefined : { host: address[0], port: Number(address[1]) };
  };
}

/** @param asked stands for an address that the server itself does not know */
function slotOwner(asked: HostPort): Question {
  return async (redis) => {
    const slot = Number(await redis.call('CLUSTER', 'KEYSLOT', prefix));
    const slots = (await redis.call('CLUSTER', 'SLOTS')) as [first: number, last: number, primary: [host: string | null, port: number]][];
    const [, , owner] = slots.find(([first, last]) => first <= slot && slot <= last) ?? [];
    return owner === undefined ? undefined : { host: owner[0] || asked.host, port: Number(owner[1]) };
  };
}
