/** What the gate decided. */
export type GateResult =
  /** The message may go out now. From here on the mail cannot be cancelled or given to another worker. */
  | { kind: 'open' }
  /** Another worker has the lease on this mail, and what happens to it is for that one to record. */
  | { kind: 'lease-lost' }
  /** The mail is no longer to be sent (it was cancelled, or it ended), or Redis could not be asked. `why` says which. */
  | { kind: 'denied'; why: string };

/**
 * The gate: asked once per transaction, after the server's 354 and before the first byte of the message. Once it is open, a
 * missing reply means that the outcome is unknown.
 */
export type Gate = () => Promise<GateResult>;
