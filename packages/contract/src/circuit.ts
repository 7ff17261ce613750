/**
 * A provider's circuit, shared by all workers: closed while the provider is well; open while nobody asks it, until
 * one elected worker's probe finds it well again.
 */
export interface Circuit {
  /** Whether mail may be handed to the provider now. Costs no round trip. */
  readonly isOpen: boolean;
  /** Reports trouble: opens the circuit when it is the `after`-th in a row, for `wait.initial`, then twice as long, up to `wait.most` (ms). */
  fail(reason: string, trouble: { after: number; wait: { initial: number; max: number } }): Promise<void>;
  /** Reports that the provider took a mail, or a login: trouble is over. */
  succeed(): Promise<void>;
}

/** A provider's rate, held across all workers. */
export interface RateLimit {
  /** Takes the next place in the line. @returns ms to wait until it comes; a place more than `most` ms away is not taken, and the answer is then `most` or more */
  take(max: number): Promise<number>;
}
