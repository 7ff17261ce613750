/** How long an HTTP server waits for the parts of a request; in ms. */
export interface HttpTimings {
  /** The headers of a request. */
  readonly headers: number;
  /** The whole of a request. */
  readonly request: number;
  /** How often connections are checked for these two. */
  readonly check: number;
  /** In each such time `limits.bodyProgressBytes` of a body must arrive, or its end. */
  readonly bodyProgress: number;
  /** How long a request may use the only thread, until others have their turn. */
  readonly turn: number;
}
