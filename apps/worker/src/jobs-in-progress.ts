/**
 * How many mails are in progress at a time. A mail is read from Redis and composed before it has a connection, and recorded afterwards: how
 * many are needed so that no connection waits for a mail depends on how long Redis and the relay take. More would take from another
 * worker what it could send at once, and let an urgent mail wait behind them.
 */
import type { ConnectionLoad } from '@posthouse/delivery';
import type { MailConsumer } from '@posthouse/queue';

/** Fits the concurrency of a consumer, one mail at a time. Each change costs a script of BullMQ's, so it does not follow every moment. */
export class JobsInProgress {
  readonly #consumer: Pick<MailConsumer, 'concurrency' | 'isBusy'>;
  readonly #min: number;
  readonly #max: number;
  /** Deliveries that left a connection without a mail, since the last change. */
  #starved = 0;

  /** @param max equal to the consumer's concurrency, which is the least, for one that does not change */
  constructor(consumer: Pick<MailConsumer, 'concurrency' | 'isBusy'>, max: number) {
    this.#consumer = consumer;
    this.#min = consumer.concurrency;
    this.#max = max;
  }

  /** A mail was delivered: one more once each connection has been left without a mail, one less if several mails wait for each. */
  delivered({ limit, used, waiting }: ConnectionLoad): void {
    const { concurrency, isBusy } = this.#consumer;
    if (waiting === 0 && used < limit && isBusy) this.#starved++;
    if (this.#starved >= limit) this.#change(Math.min(concurrency + 1, this.#max));
    else if (waiting > 2 * limit) this.#change(Math.max(concurrency - 1, this.#min));
  }

  #change(concurrency: number): void {
    this.#starved = 0;
    this.#consumer.concurrency = concurrency;
  }
}
