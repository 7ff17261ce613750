/**
 * What is acknowledged only once replicas have it: WAIT, on the connection on which it was written. Off by default, and free then.
 *
 * WAIT counts the replicas that have everything which its own connection has written. So a confirmation is only good on the connection of
 * the write: after a failover another server may answer, which never had it. And what an earlier connection has written, such as the mail
 * of a repeated request, is covered by writing something after it.
 */
import type { Timings } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { writeProbeKey } from './keys.ts';
import { mapRedisErrors, QueueUnavailable } from './queue-unavailable.ts';

/** Confirms what is written over one connection. */
export class ReplicaWait {
  readonly #redis: Redis;
  readonly #replicas: number;
  readonly #timings: Pick<Timings['redis'], 'replicaWait' | 'writeProbeExpiry'>;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<number> | undefined;

  /** @param replicas how many must have what was written; 0 for off */
  constructor(redis: Redis, replicas: number, timings: Pick<Timings['redis'], 'replicaWait' | 'writeProbeExpiry'>) {
    this.#redis = redis;
    this.#replicas = replicas;
    this.#timings = timings;
  }

  /** Whether anything is waited for. */
  get isOn(): boolean {
    return this.#replicas > 0;
  }

  /**
   * To be called before something is read or written.
   * @returns what waits until enough replicas have all that this connection has read or written since. It throws QueueUnavailable where they
   *   have not in time, or where the connection was replaced; what was written may then be lost in a failover, and can be written again
   */
  begin(): () => Promise<void> {
    if (!this.isOn) return async () => undefined;
    const { stream } = this.#redis;
    return async () => {
      const count = await mapRedisErrors(this.#wait());
      // Only one connection has this stream, and it is still in use: the write and WAIT were both on it.
      if (this.#redis.stream !== stream) {
        throw new QueueUnavailable('the connection to Redis was replaced before the replicas had what was written');
      }
      if (count < this.#replicas) {
        throw new QueueUnavailable(`${count} of ${this.#replicas} replicas have what was written`, { failure: 'too-few-replicas' });
      }
    };
  }

  /** WAIT holds up its connection: those who come while one is on its way share the next one. */
  #wait(): Promise<number> {
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const sent = this.#send();
        this.#current = sent;
        return sent;
      });
    return this.#next;
  }

  async #send(): Promise<number> {
    const { replicaWait, writeProbeExpiry } = this.#timings;
    const [, count] = await Promise.all([
      this.#redis.set(writeProbeKey, '1', 'PX', writeProbeExpiry),
      this.#redis.wait(this.#replicas, replicaWait),
    ]);
    return count;
  }
}
