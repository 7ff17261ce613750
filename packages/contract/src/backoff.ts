/** A wait that doubles: `initial`, then twice as long each time, up to `max`. */
export interface Backoff {
  readonly initial: number;
  readonly max: number;
}
