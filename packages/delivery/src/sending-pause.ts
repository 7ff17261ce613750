/** A pause between transactions, for a provider that takes no more for the moment: longer each time, until it accepts a mail. */
import type { Timings } from '@posthouse/contract';

/** The pauses of one pool. */
export class SendingPause {
  readonly #timings: Timings['smtp'];
  readonly #onEnd: () => void;
  /** Pauses since the provider last accepted a mail. */
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onEnd called when a pause is over */
  constructor(timings: Timings['smtp'], onEnd: () => void) {
    this.#timings = timings;
    this.#onEnd = onEnd;
  }

  get isActive(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins a pause; one that has begun goes on. */
  begin(): void {
    if (this.isActive) return;
    const { pause, pauseMax } = this.#timings;
    this.#timer = setTimeout(() => this.end(), Math.min(pause * 2 ** Math.min(this.#count, 20), pauseMax));
    this.#count++;
  }

  /** Ends a pause before its time. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onEnd();
  }

  /** The provider accepted a mail: the next pause is a short one. */
  shorten(): void {
    this.#count = 0;
  }
}
