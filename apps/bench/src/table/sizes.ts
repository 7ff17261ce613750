/** How much is measured. The sizes of `npm run bench` end in less than 8 minutes on two cores; `npm test` runs one row with a few mails. */

export interface Sizes {
  /** Turns of each measurement. */
  turns: number;
  /** Clients of the API, each with one request at a time. */
  clients: number;
  /**
   * Mails of one turn that are counted, and those sent before. V8 compiles the code of a process while it sends its first 2,500 mails or so,
   * which takes longer than to send them.
   */
  sending: { mails: number; warmUp: number };
  accepting: { mails: number; warmUp: number };
  submitting: { mails: number; warmUp: number };
  /** Mails at `perSecond`, turns, and worker processes that are started for a first mail. */
  latency: { mails: number; perSecond: number; warmUp: number; turns: number; starts: number; settleMs: number };
  /** Mails for each worker. */
  scaling: { mails: number; warmUp: number; turns: number; delayMs: number };
  /** Low mails that wait, high ones sent meanwhile, at most for that long. */
  priority: { low: number; warmUp: number; high: number; perSecond: number };
  /** ms between two looks at how many mails have been sent. */
  pollMs: number;
  /** ms without a further mail after which a run ends with an error. */
  stallMs: number;
}

export const defaultSizes: Sizes = {
  turns: 5,
  clients: 50,
  sending: { mails: 1500, warmUp: 3000 },
  accepting: { mails: 4000, warmUp: 1000 },
  submitting: { mails: 2000, warmUp: 500 },
  latency: { mails: 400, perSecond: 50, warmUp: 300, turns: 3, starts: 5, settleMs: 500 },
  scaling: { mails: 250, warmUp: 50, turns: 2, delayMs: 50 },
  priority: { low: 20_000, warmUp: 200, high: 300, perSecond: 15 },
  pollMs: 10,
  stallMs: 60_000,
};

/** The queue of the goal: 100,000 low mails. It takes some minutes more. */
export const fullSizes: Sizes = { ...defaultSizes, priority: { ...defaultSizes.priority, low: 100_000 } };
