/**
 * Every wait of Posthouse in one frozen object. Constructors are handed it (or a scaled one, in tests);
 * there is no environment knob for it. All values are in ms.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** What can be wrong with a provider. */
export type FailureKind = 'busy' | 'quota' | 'login' | 'unreachable';

/** What `waits` holds. */
export interface Timings {
  /** The retry schedule: the wait after the first attempt, after the second, and so on. When it is used up, the mail fails. */
  readonly retry: readonly number[];
  /** Each wait is moved by up to this share of itself, so that mails refused together do not come back together. */
  readonly retryJitter: number;
  /** A deferred mail waits `initial`, then twice as long each time, up to `max`. */
  readonly deferral: { readonly initial: number; readonly max: number };
  /** Timings that a reply asks for in place of the schedule's. */
  readonly reply: {
    /** This recipient receives too much at the moment. */
    readonly recipientBusy: number;
    /** Out of step with the server. */
    readonly outOfStep: number;
    /** Over the account's sending rate. */
    readonly rate: number;
    /** No reply to the final dot: how long it may still be on its way. */
    readonly unknown: number;
    /** A template that this worker does not have, or has otherwise, while a new set is rolled out; and how long that may take. */
    readonly rollout: number;
    readonly rolloutMax: number;
  };
  /** How long a provider is left alone before the next probe: at first, then twice as long each time, up to `max`. */
  readonly circuit: Readonly<Record<FailureKind, { readonly initial: number; readonly max: number }>> & {
    /** How often a worker looks whether a circuit has changed. */
    readonly poll: number;
  };
  /** A run that ended without a verdict, because its process died: the wait before the next, doubled each time; each mail's is up to twice as long, at random. */
  readonly crashBackoff: number;
  readonly sweep: {
    /** How often the sweeper looks. */
    readonly intervalMs: number;
    /** How long overdue a mail is before it looks at it. */
    readonly overdue: number;
  };
  /** How long the acceptance of a batch may take. After that the sweeper aborts it, or finishes it when it was committed. */
  readonly batchTimeout: number;
  readonly heartbeat: {
    /** How often a worker says that it is alive. */
    readonly intervalMs: number;
    /** After how long without a word it is forgotten. */
    readonly gone: number;
  };
  readonly bulk: {
    /** How often somebody looks whether bulk work is to be done. */
    readonly poll: number;
    /** How long it stays with a process that has not moved on with it. */
    readonly lease: number;
  };
  readonly smtp: {
    /** TCP, TLS, greeting and login together. */
    readonly connect: number;
    /** Silence on the socket. */
    readonly socket: number;
    /** One transaction, from the opening of a connection to the reply to the final dot. */
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
    /** How long the gate waits for Redis before it is denied. */
    readonly gate: number;
    /** After Redis refused to write down what was sent, until it is offered again. */
    readonly refused: number;
    /** How long an acceptance under an Idempotency-Key may take before a replay takes it over. */
    readonly claim: number;
  };
  /** How long a process may take to stop. */
  readonly stop: number;
}

/** The waits of production. */
export const timings: Timings = freeze({
  retry: [30 * second, 2 * minute, 5 * minute, 15 * minute, 1 * hour, 2 * hour, 4 * hour, 8 * hour, 8 * hour],
  retryJitter: 0.2,
  deferral: { initial: 10 * second, max: 5 * minute },
  reply: {
    recipientBusy: 15 * minute,
    outOfStep: 10 * second,
    rate: 10 * second,
    unknown: 90 * second,
    rollout: 30 * second,
    rolloutMax: 15 * minute,
  },
  circuit: {
    busy: { initial: 30 * second, max: 15 * minute },
    quota: { initial: 10 * minute, max: 1 * hour },
    login: { initial: 1 * minute, max: 10 * minute },
    unreachable: { initial: 10 * second, max: 5 * minute },
    poll: second,
  },
  crashBackoff: 5 * second,
  sweep: { intervalMs: 30 * second, overdue: 5 * minute },
  batchTimeout: 30 * second,
  heartbeat: { intervalMs: 5 * second, gone: 15 * second },
  bulk: { poll: 500, lease: 10 * second },
  smtp: { connect: 20 * second, socket: 60 * second, transaction: 90 * second, idle: 30 * second },
  queue: { lock: 30 * second, stalled: 15 * second, command: 800, gate: 5 * second, refused: second, claim: 5 * second },
  stop: 30 * second,
});

/** Freezes an object and all objects in it. */
export function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
