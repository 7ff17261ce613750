import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps to so many a second. */
export class Throttle {
  readonly #interval: number;
  #next = 0;

  constructor(perSecond: number) {
    this.#interval = 1000 / perSecond;
  }

  /** Timings until the next `count` may go. */
  async take(count: number): Promise<void> {
    const wait = this.#next - Date.now();
    if (count > 0 && wait > 0) await sleep(wait);
    this.#next = Math.max(this.#next, Date.now()) + count * this.#interval;
  }
}
