/**
 * Every wait of Posthouse in one frozen object. Constructors are handed it (or a scaled one, in tests);
 * there is no environment knob for it. All values are in ms.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** What `waits` holds. */
export interface Waits {
  /** The retry schedule: the wait after the first attempt, after the second, and so on. When it is used up, the mail fails. */
  readonly retry: readonly number[];
  /** Each wait is moved by up to this share of itself, so that mails refused together do not come back together. */
  readonly retryJitter: number;
  /** A deferred mail waits `first`, then twice as long each time, up to `most`. */
  readonly deferral: { readonly first: number; readonly most: number };
  readonly smtp: {
    /** TCP, TLS, greeting and login together. */
    readonly connect: number;
    /** Silence on the socket. */
    readonly socket: number;
    /** One transaction, from the wait for a connection to the reply to the final dot. */
    readonly transaction: number;
    /** A pooled connection that nobody used is closed; common relays close theirs after 10 s to 5 m. */
    readonly idle: number;
  };
  readonly queue: {
    /** A worker's lease on a job, renewed as long as it lives. */
    readonly lock: number;
    /** How often workers look for jobs whose lease ran out. */
    readonly stalled: number;
    /** How long a request waits for Redis before it answers 503. */
    readonly command: number;
  };
  /** How long a record is kept after it has ended. */
  readonly retention: { readonly sent: number; readonly failed: number };
  /** How long a process may take to stop. */
  readonly stop: number;
}

/** The waits of production. */
export const waits: Waits = freeze({
  retry: [30 * second, 2 * minute, 5 * minute, 15 * minute, 1 * hour, 2 * hour, 4 * hour, 8 * hour, 8 * hour],
  retryJitter: 0.2,
  deferral: { first: 10 * second, most: 5 * minute },
  smtp: { connect: 20 * second, socket: 60 * second, transaction: 90 * second, idle: 30 * second },
  queue: { lock: 30 * second, stalled: 15 * second, command: 800 },
  retention: { sent: 7 * day, failed: 30 * day },
  stop: 30 * second,
});

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
