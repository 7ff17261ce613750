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
    /** How often a worker reads whether a circuit has changed. */
    readonly poll: number;
    /** After how long without a failure a circuit is deleted. */
    readonly expiry: number;
  };
  /** A run that ended without a verdict, because its process died: the wait before the next, doubled each time; each mail's is up to twice as long, at random. */
  readonly crashBackoff: number;
  readonly sweep: {
    /** How often a worker tries to sweep. */
    readonly intervalMs: number;
    /** How long a sweep keeps the other workers from sweeping: a little less than the interval. */
    readonly lease: number;
    /** How long overdue a mail is before its job is checked. */
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
    /** How often a runner reads which bulk jobs are running. */
    readonly poll: number;
    /** How long a bulk job stays with a process that stores no progress. */
    readonly lease: number;
    /** How long one chunk of mails may take at the job's rate: a stop takes effect between chunks. */
    readonly chunk: number;
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
    /** How much longer a request may wait for Redis for each MiB that it stores. */
    readonly perMebibyte: number;
    /** How long the import of one chunk of records may take. */
    readonly import: number;
    /** How long to wait for a worker that is about to release a job, before each next attempt to replace the job. */
    readonly jobRelease: number;
    /** How long Redis keeps the rate of a provider after the last reserved moment. */
    readonly rateExpiry: number;
  };
  readonly redis: {
    /** How long a connection attempt of a process that answers requests may take. */
    readonly connect: number;
    /** After how long without a byte while a reply is due a connection counts as lost. BullMQ lets a worker's wait 10 s for a job. */
    readonly requestSilence: number;
    readonly workerSilence: number;
    /** The wait before the next connection attempt: `initial`, then twice as long each time, up to `max`. */
    readonly requestReconnect: { readonly initial: number; readonly max: number };
    readonly workerReconnect: { readonly initial: number; readonly max: number };
    /** The greatest difference between the clocks of Redis and a process that causes no warning. */
    readonly clockSkew: number;
  };
  /** How long a process may take to stop. */
  readonly stop: number;
  /** npm repeats the Ctrl-C that the terminal has sent already: a second signal within this time does not count. */
  readonly repeatedSignal: number;
  /** How long the API waits for the whole of a request. */
  readonly httpRequest: number;
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
    expiry: 24 * hour,
  },
  crashBackoff: 5 * second,
  sweep: { intervalMs: 30 * second, lease: 27 * second, overdue: 5 * minute },
  batchTimeout: 30 * second,
  heartbeat: { intervalMs: 5 * second, gone: 15 * second },
  bulk: { poll: 500, lease: 10 * second, chunk: 250 },
  smtp: { connect: 20 * second, socket: 60 * second, transaction: 90 * second, idle: 30 * second },
  queue: {
    lock: 30 * second,
    stalled: 15 * second,
    command: 800,
    gate: 5 * second,
    refused: second,
    claim: 5 * second,
    perMebibyte: 100,
    import: 8 * second,
    jobRelease: 50,
    rateExpiry: second,
  },
  redis: {
    connect: 2 * second,
    requestSilence: 5 * second,
    workerSilence: 30 * second,
    requestReconnect: { initial: 100, max: second },
    workerReconnect: { initial: 100, max: 2 * second },
    clockSkew: 5 * second,
  },
  stop: 30 * second,
  repeatedSignal: 500,
  httpRequest: 60 * second,
});

/** Freezes an object and all objects in it. */
export function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
