/**
 * The one way to connect to Redis: to a primary, with TLS where the URL says so (primary-location.ts). In a failover the connections to the former
 * primary may stay alive, but it refuses to write. Such a refusal replaces the connection, and a server that is a replica or
 * loads its data is left and asked again later. BullMQ duplicates a connection with its options, so its own follow the same rules.
 */
import { rootCertificates } from 'node:tls';
import { type Backoff, parseRedisUrl, type RedisAccess } from '@posthouse/contract';
import { Redis, type RedisOptions } from 'ioredis';
import { PrimaryConnector } from './primary-connector.ts';
import { locatePrimary } from './primary-location.ts';
import { needsReconnect, type RedisFailure, refusalOf } from './redis-failures.ts';

/** Where Redis is, and how to get there. */
export interface RedisAddress {
  url: string;
  access?: RedisAccess | undefined;
  /** The wait before the next connection attempt. */
  reconnect: Backoff;
  /** How long a Sentinel, or a server of a Cluster, may take to say where the primary is, in ms. */
  locate: number;
  /** Called when a server, or one of its replies, is the reason to look for another server. */
  onRefusal: (failure: RedisFailure) => void;
}

/** Creates a connection. */
export function createRedisClient(address: RedisAddress, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const { access = {}, reconnect, onRefusal } = address;
  const url = parseRedisUrl(address.url);
  const { username, password = access.password, database, family } = url;
  const tls = url.tls ? tlsOptions(access) : undefined;
  const login = url.kind === 'sentinel' ? { username: access.sentinelUser, password: access.sentinelPassword } : { username, password };
  const locate = () => locatePrimary(url, { tls, ...login, timeoutMs: address.locate });
  const primaryOnly: Omit<RedisOptions, 'replyMapping'> = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(family !== undefined && { family }),
    ...(tls !== undefined && { tls }),
    db: database,
    Connector: class extends PrimaryConnector {
      constructor(connectorOptions: unknown) {
        super(connectorOptions as RedisOptions, { kind: url.kind, locate, onRefusal });
      }
    },
    reconnectOnError: (error) => {
      const failure = refusalOf(error);
      if (failure === undefined || !needsReconnect(failure)) return false;
      onRefusal(failure);
      // 2 would send the command again, also one that was part of a transaction.
      return 1;
    },
    retryStrategy: (times) => Math.min(reconnect.initial * 2 ** (times - 1), reconnect.max),
  };
  return new PrimaryClient({ ...options, ...primaryOnly });
}

/**
 * Replaces the connection if a command of a transaction was refused for a reason that another connection does not have: ioredis
 * does not look at the errors inside EXEC's reply.
 * @returns whether the connection is being replaced
 */
export function reconnectOnRefusal(redis: Redis, error: Error): boolean {
  // ioredis takes a script for loaded once it was sent, even when Redis refused it then; a new connection forgets that.
  if (!redis.options.reconnectOnError?.(error) && !error.message.includes('NOSCRIPT')) return false;
  redis.disconnect(true);
  return true;
}

/** True where a command can be sent now. A connection that is being replaced is `ready` until it is closed. */
export function isUsable(redis: Redis): boolean {
  return redis.status === 'ready' && redis.stream.writable;
}

/**
 * Runs a command. On a worker's connection, whose commands wait for Redis however long it is away, a command that a former
 * primary refused is repeated: it waits for the next connection.
 */
export async function repeatRefused<T>(redis: Redis, command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command();
    } catch (error) {
      if (redis.options.maxRetriesPerRequest !== null || !needsReconnect(refusalOf(error as Error))) throw error;
    }
  }
}

function tlsOptions({ ca, cert, key }: RedisAccess) {
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  };
}

class PrimaryClient extends Redis {
  /** Without this, a connection that waits for its next attempt would end in silence; BullMQ waits for the event. */
  override disconnect(reconnect = false): void {
    if (this.status === 'reconnecting' && !reconnect) this.status = 'wait';
    super.disconnect(reconnect);
  }

  /** Sent when a connection begins. Where Redis refuses it, ioredis would go on in database 0: the connection ends instead. */
  override async select(index: number | string): Promise<'OK'> {
    try {
      return await super.select(index);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
      this.emit('error', error);
      this.stream.destroy();
      return await new Promise<never>(() => undefined);
    }
  }

  /**
   * Connects at once: BullMQ asks a lazy one to connect, and where Redis cannot be reached at that moment, it takes that for the end of the
   * connection. The worker would never wait for a job again.
   */
  override duplicate(override: Partial<RedisOptions> = {}) {
    const options: Omit<RedisOptions, 'replyMapping'> = { ...this.options, lazyConnect: false, ...override };
    return new PrimaryClient(options) as ReturnType<Redis['duplicate']>;
  }
}
