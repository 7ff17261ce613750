/**
 * The one way to connect to Redis: to a primary, with TLS where the URL says so. In a failover the connections to the former
 * primary may stay alive, but it refuses to write. Such a refusal replaces the connection, and a server that is a replica or
 * loads its data is left and asked again later. BullMQ duplicates a connection with its options, so its own follow the same rules.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { Backoff } from '@posthouse/contract';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { needsReconnect, type RedisFailure, refusalOf } from './redis-failures.ts';

/** What TLS to Redis needs where public authorities do not suffice; all PEM. */
export interface RedisTls {
  /** Certificates of authorities to trust besides the public ones. */
  readonly ca?: string;
  /** The client's certificate and its private key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Where Redis is, and how to get there. */
export interface RedisAddress {
  url: string;
  tls?: RedisTls | undefined;
  /** The wait before the next connection attempt. */
  reconnect: Backoff;
  /** Called when a server, or one of its replies, is the reason to look for another server. */
  onRefusal: (failure: RedisFailure) => void;
}

/** Creates a connection. */
export function createRedisClient({ url, tls, reconnect, onRefusal }: RedisAddress, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const primaryOnly: Omit<RedisOptions, 'replyMapping'> = {
    ...(new URL(url).protocol === 'rediss:' && { tls: tlsOptions(tls) }),
    Connector: class extends PrimaryConnector {
      constructor(connectorOptions: unknown) {
        super(connectorOptions as RedisOptions, onRefusal);
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
  return new PrimaryClient(url, { ...options, ...primaryOnly });
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

function tlsOptions({ ca, ...client }: RedisTls = {}) {
  return { ...client, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) };
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

  override duplicate(override: Partial<RedisOptions> = {}) {
    const options: Omit<RedisOptions, 'replyMapping'> = { ...this.options, ...override };
    return new PrimaryClient(options) as ReturnType<Redis['duplicate']>;
  }
}

/**
 * Makes a stream write once what was written to it until the work in progress has ended, such as all that follows from replies which
 * arrived together. Mails in progress send their commands one by one; Redis reads, stores and answers those that arrive together for less
 * than it needs for as many single ones.
 */
function writeTogether(stream: Socket): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isCorked = false;
  stream.write = (...args: unknown[]) => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

/** ioredis's own connector with a look at what it has connected to. */
class PrimaryConnector extends AbstractConnector {
  readonly #options: RedisOptions;
  readonly #onRefusal: (failure: RedisFailure) => void;

  constructor(options: RedisOptions, onRefusal: (failure: RedisFailure) => void) {
    super(options.disconnectTimeout as number);
    this.#options = options;
    this.#onRefusal = onRefusal;
  }

  override async connect() {
    const { host, port, family, path, tls } = this.#options as { port: number } & RedisOptions;
    const target = path === undefined ? { host, port, family } : { path };
    const stream = tls === undefined ? connectTcp(target as { port: number }) : connectTls({ ...target, ...tls });
    this.connecting = true;
    this.stream = stream;
    stream.once('error', (error) => {
      this.firstError = error;
    });
    writeTogether(stream);
    stream.on('data', this.#onHandshake);
    return stream;
  }

  /** Many commands may be refused at the same time, and each asks for another connection. */
  override disconnect(): void {
    if (this.stream?.writableEnded) this.connecting = false;
    else super.disconnect();
  }

  /** While Redis loads its data ioredis would ask this connection again and again, although another server may be the primary. */
  readonly #onHandshake = (piece: Buffer): void => {
    if (!piece.includes('\nloading:1')) return;
    this.#onRefusal('loading');
    this.stream.destroy();
  };

  /** @param info the reply to INFO, by its names; nothing where the user may not ask */
  override check({ role, slave_read_only: readOnly }: Record<string, string | undefined>): boolean {
    this.stream.off('data', this.#onHandshake);
    if (role !== 'slave' || readOnly === '0') return true;
    this.#onRefusal('read-only');
    return false;
  }
}
