/** A provider's rate limit, shared by all workers: mails go at evenly spaced moments, and each one reserves the next free moment. */
import type { RateLimit } from '@posthouse/contract';
import type { WorkerConnection } from '../connection/worker-connection.ts';
import { rateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { reserveSlot } from './worker-scripts.ts';

/** The rate limit of one provider account. */
export class ProviderRate implements RateLimit {
  readonly #connection: WorkerConnection;
  readonly #key: string;
  readonly #interval: number;

  /** @param perSecond mails per second, all workers together; may be a fraction */
  constructor(connection: WorkerConnection, provider: { name: string; account: string }, perSecond: number) {
    this.#connection = connection;
    this.#key = rateKey(provider.name, connection.digest(provider.account));
    this.#interval = 1000 / perSecond;
  }

  async take(max: number): Promise<number> {
    const args = { interval: this.#interval, maxWait: max, slack: this.#connection.timings.queue.rateExpiry };
    return await runScript(this.#connection.redis, reserveSlot, { rate: this.#key }, args);
  }
}
