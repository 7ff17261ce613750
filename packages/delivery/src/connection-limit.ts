/**
 * How many connections a pool may use at a time: fewer when the provider is busy, then slowly more again while it accepts mails. It halves,
 * and grows by one after each round of accepted mails, as TCP does with its window (RFC 5681).
 */

/** Accepted mails for each connection, before one more is tried. */
const mailsPerStep = 10;

/** The adaptive limit of one pool. */
export class ConnectionLimit {
  readonly #max: number;
  #current: number;
  #timesLowered = 0;

  /** @param max the size of the pool */
  constructor(max: number) {
    this.#max = max;
    this.#current = max;
  }

  /** Connections that may be used now; at least 1. */
  get current(): number {
    return Math.floor(this.#current);
  }

  /** How often it was lowered: distinguishes the transactions that began before from those that began after. */
  get timesLowered(): number {
    return this.#timesLowered;
  }

  /** The provider accepted a mail. */
  raise(): void {
    this.#current = Math.min(this.#current + 1 / (mailsPerStep * this.#current), this.#max);
  }

  /**
   * The provider asked for less. Of several transactions that ran at the same time, the first one lowers the limit. They are counted,
   * not timed: the clock of a computer may be set back.
   * @param seen {@link timesLowered} when the transaction began
   * @param to the new limit; default: half
   * @returns false for another than the first
   */
  lower(seen: number, to = this.current / 2): boolean {
    if (seen !== this.#timesLowered) return false;
    this.#timesLowered += 1;
    this.#current = Math.max(1, Math.floor(to));
    return true;
  }
}
