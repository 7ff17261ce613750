/** Connects to the primary, and looks at what it has connected to before it is used. */
import { connect as connectTcp, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HostPort, RedisUrl } from '@posthouse/contract';
import { AbstractConnector, type RedisOptions } from 'ioredis';
import type { RedisFailure } from './redis-failures.ts';
import { isOlder, minRedisVersion } from './redis-version.ts';

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

/** Which server to connect to. */
interface Target {
  kind: RedisUrl['kind'];
  locate: () => Promise<HostPort>;
  /** Called when a server, or one of its replies, is the reason to look for another server. */
  onRefusal: (failure: RedisFailure) => void;
}

/** ioredis's own connector with a look for what to connect to, and at what it has connected to. */
export class PrimaryConnector extends AbstractConnector {
  readonly #options: RedisOptions;
  readonly #target: Target;

  constructor(options: RedisOptions, target: Target) {
    super(options.disconnectTimeout as number);
    this.#options = options;
    this.#target = target;
  }

  override async connect() {
    this.connecting = true;
    const stream = await this.#target.locate().then(
      (server) => this.#connectTo(server),
      (error: Error) => this.#failingStream(error),
    );
    this.stream = stream;
    // It was ended while the servers were asked.
    if (!this.connecting) setImmediate(() => stream.destroy());
    return stream;
  }

  #connectTo({ host, port }: HostPort): Socket {
    const { family, tls } = this.#options;
    const target = { host, port, ...(family !== undefined && { family }) };
    const stream = tls === undefined ? connectTcp(target) : connectTls({ ...target, ...tls });
    if (this.#target.kind === 'sentinel') {
      const isDead = (error: Error) => Object.assign(error, { redisFailure: 'dead-master' });
      stream.once('error', isDead);
      stream.once(tls === undefined ? 'connect' : 'secureConnect', () => stream.off('error', isDead));
    }
    stream.once('error', (error) => {
      this.firstError = error;
    });
    writeTogether(stream);
    stream.on('data', this.#onHandshake);
    return stream;
  }

  /** ioredis makes no further attempt where its connector throws, and connects again where a connection has failed. */
  #failingStream(error: Error): Socket {
    this.firstError = error;
    return new Socket().destroy();
  }

  /** Many commands may be refused at the same time, and each asks for another connection. */
  override disconnect(): void {
    if (this.stream?.writableEnded) this.connecting = false;
    else super.disconnect();
  }

  /** What ioredis would not say: it asks a server that loads its data again and again, although another one may be the primary. */
  readonly #onHandshake = (piece: Buffer): void => {
    const failure = handshakeFailures.find(([words]) => words.test(piece.toString('latin1')))?.[1];
    if (failure === undefined) return;
    this.#target.onRefusal(failure);
    this.stream.destroy();
  };

  /** @param info the reply to INFO, by its names; nothing where the user may not ask */
  override check(info: Readonly<Record<string, string | undefined>>): boolean {
    this.stream.off('data', this.#onHandshake);
    const failure = this.#failureIn(info);
    if (failure !== undefined) this.#target.onRefusal(failure);
    return failure === undefined;
  }

  #failureIn({ role, slave_read_only: readOnly, redis_version: version, redis_mode: mode }: Readonly<Record<string, string | undefined>>) {
    if (version !== undefined && isOlder(version, minRedisVersion)) return 'too-old';
    // A failover or a move of the slot could not be followed.
    if (mode === 'cluster' && this.#target.kind !== 'cluster') return 'cluster';
    return role === 'slave' && readOnly !== '0' ? 'read-only' : undefined;
  }
}

/** What a server says before it is ready, and why it cannot be used then. */
const handshakeFailures: readonly [words: RegExp, failure: RedisFailure][] = [
  [/\nloading:1/, 'loading'],
  [/^-ERR max number of clients/, 'too-many-clients'],
  // Redis 5 and older. Its reply to a login with a user would lead astray.
  [/^-ERR unknown command .HELLO/im, 'too-old'],
];
