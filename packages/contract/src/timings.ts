/**
 * Every wait, deadline, lease and backoff in one frozen object, grouped by who uses it. Constructors are handed it, or a scaled one in
 * tests; there is no environment variable for it. All values are in ms unless an entry says otherwise.
 */

import type { Backoff } from './backoff.ts';
import { type CommandLineTimings, commandLineTimings } from './command-line-timings.ts';
import type { DashboardTimings } from './dashboard-timings.ts';
import { hour, minute, second } from './duration.ts';
import type { HttpTimings } from './http-timings.ts';
import { type MonitoringTimings, monitoringTimings } from './monitoring-timings.ts';
import { type OAuthTimings, oauthTimings } from './oauth-timings.ts';
import { oidcTimings } from './oidc-timings.ts';
import { type RedisTimings, redisTimings } from './redis-timings.ts';
import type { SmtpTimings } from './smtp-timings.ts';
import { type SubmissionTimings, submissionTimings } from './submission-timings.ts';

/**
 * How a provider can fail; each kind has its own wait before the circuit is probed.
 *
 * - `busy`: the server closes connections or is overloaded (421).
 * - `quota`: a limit of the account is reached.
 * - `login`: TLS or the login fails; only a change of configuration, or of the provider, helps.
 * - `unreachable`: no connection, or no reply in time.
 */
export type FailureKind = 'busy' | 'quota' | 'login' | 'unreachable';

/** The timings that a process is given. */
export interface Timings {
  // When a mail is tried again: the worker's retry policy.

  /** The retry schedule: the wait after the first attempt, after the second, and so on. When it is used up, the mail fails. */
  readonly retry: readonly number[];
  /** Each wait of the schedule is moved by up to this share of itself, so that mails refused together do not come back together. */
  readonly retryJitter: number;
  /** The wait of a mail that was put back without using an attempt, by how often that has happened to it. */
  readonly deferral: Backoff;
  /** Waits that take the place of the schedule's, by what the reply says. */
  readonly reply: {
    /** The recipient receives too much mail at the moment. */
    readonly recipientBusy: number;
    /** Commands and replies are out of step; the next attempt uses a new connection. */
    readonly outOfStep: number;
    /** The account's sending rate is exceeded. */
    readonly rate: number;
    /** The server is busy. A wait that doubles does so with each deferral of the mail. */
    readonly busy: Backoff;
    /** The server takes none of the mail's recipients in this transaction. */
    readonly tooManyRecipients: Backoff;
    /** The account may not send from this address. */
    readonly senderNotAllowed: Backoff;
    /** No reply to the final dot: how long the reply may still be on its way. */
    readonly unknown: number;
    /** The longest delay that a server can ask for in its reply ("try again in 300 seconds"). */
    readonly retryAfterMax: number;
    /** This worker lacks the template, or has another version of it, while a new template set is rolled out. */
    readonly rollout: number;
    /** How long a rollout may take; after that the mail fails. */
    readonly rolloutMax: number;
  };
  /** A run that ended without a verdict because its process died: the wait before the next run, doubled each time, and up to twice as long at random. */
  readonly crashBackoff: number;

  // How a provider is used: packages/delivery and the worker's circuit monitor.

  /** How long an open circuit stays without a probe, by kind of failure; `initial` the first time. */
  readonly circuit: Readonly<Record<FailureKind, Backoff>> & {
    /** How often a worker reads the state of its circuits. */
    readonly poll: number;
    /** How long a worker stays elected to probe unless it renews that: it does so as long as its probe runs, and two never probe at once. */
    readonly probe: number;
    /** After how long without a failure a circuit is deleted. */
    readonly expiry: number;
  };
  /** Permanent refusals that may be the mail's or the account's. */
  readonly refusal: {
    /** How long the mail waits before it is tried again. */
    readonly wait: number;
    /** After how long without other mails to compare with it is the mail's own. */
    readonly giveUp: number;
    /** While a circuit that such refusals opened is probed: how long mails of other templates go first. */
    readonly preferOthers: number;
  };
  /** The longest that a mail waits for its slot in a provider's sending rate; with a later slot it is put back instead. */
  readonly rateWaitMax: number;
  readonly smtp: SmtpTimings;
  readonly oauth: OAuthTimings;
  readonly submission: SubmissionTimings;
  readonly commandLine: CommandLineTimings;
  /** The same alert of a provider is logged once in this time. */
  readonly alertInterval: number;

  // How processes share mails: packages/queue.

  readonly queue: {
    /** A worker's lease on a job, renewed as long as the process lives. */
    readonly lock: number;
    /** How often workers look for jobs whose lease ran out. */
    readonly stalled: number;
    /** How long a request waits for Redis before it answers 503. */
    readonly command: number;
    /** How long the gate waits for Redis before it is denied. */
    readonly gate: number;
    /** After Redis refused to store what was sent: the wait before the next try. */
    readonly refused: number;
    /** How long an acceptance under an Idempotency-Key may take before a replay takes it over. */
    readonly claim: number;
    /** How much longer a request may wait for Redis for each MiB that it stores. */
    readonly perMebibyte: number;
    /** How long the import of one chunk of records may take. */
    readonly import: number;
    /** How long to wait for a worker that is about to release a job, before each next attempt to replace the job. */
    readonly jobRelease: number;
    /** How long Redis keeps the rate of a provider after the last reserved slot. */
    readonly rateExpiry: number;
  };
  /** How long the acceptance of a batch may take. After that the sweeper aborts it, or finishes it when it was committed. */
  readonly batchTimeout: number;
  readonly sweep: {
    /** How often a worker tries to sweep. */
    readonly intervalMs: number;
    /** How long a sweep keeps the other workers from sweeping: a little less than the interval. */
    readonly lease: number;
    /** How long overdue a mail is before its job is checked. */
    readonly overdue: number;
  };
  readonly heartbeat: {
    /** How often a worker reports that it is alive. */
    readonly intervalMs: number;
    /** A worker without a heartbeat for this long is no longer listed. */
    readonly gone: number;
  };
  /** How often the API reads the number of the latest change of API keys, after how long without it a request waits, and how often it stores last uses. */
  readonly apiKeys: Readonly<Record<'poll' | 'confirmed' | 'storeUse', number>>;
  /** How often workers read the pauses, and how long the release of parked mails stays with a worker that makes no progress. */
  readonly pause: Readonly<Record<'poll' | 'lease', number>>;
  readonly bulk: {
    /** How often a runner reads which bulk actions are running. */
    readonly poll: number;
    /** How long a bulk action stays with a process that stores no progress. */
    readonly lease: number;
    /** How long one chunk of mails may take at the job's rate: a stop takes effect between chunks. */
    readonly chunk: number;
  };
  /** How often a process looks for another set, how long its folder must be unchanged first, and how long another process may compile it. */
  readonly templateSet: Readonly<Record<'poll' | 'settle' | 'verify', number>>;
  readonly monitoring: MonitoringTimings;
  readonly redis: RedisTimings;

  // What people look at.

  readonly dashboard: DashboardTimings;
  readonly sandbox: {
    /** How long a process of the sandbox may take to stop, before it is killed: its mails are not worth a longer wait. */
    readonly processStop: number;
    /** How long all parts of the sandbox may take to stop, one after the other. */
    readonly stop: number;
    /** How long the first mail may take from its acceptance to the inbox. */
    readonly firstMail: number;
    /** How long the website waits for the API, which answers within a second even while Redis is down. */
    readonly apiRequest: number;
    /** How long it tries to hand over a mail, in all. */
    readonly apiTries: number;
    /** How often the website reads the status of a mail: often while it is being sent, and less often while it waits. */
    readonly mailPoll: Backoff;
  };

  readonly preview: {
    /** An editor writes a file in several steps: the preview reads the templates that long after the first of them. */
    readonly settle: number;
    /** How long after the last change the templates are checked. */
    readonly check: number;
    /** How long the sandbox may take to accept a mail. */
    readonly send: number;
  };

  // Every process.

  /** How long a process may take to stop. */
  readonly stop: number;
  /** npm repeats the Ctrl-C that the terminal has sent already: a second signal within this time does not count. */
  readonly repeatedSignal: number;
  readonly http: HttpTimings;
}

/** The timings of production. */
export const timings: Timings = freeze({
  retry: [30 * second, 2 * minute, 5 * minute, 15 * minute, 1 * hour, 2 * hour, 4 * hour, 8 * hour, 8 * hour],
  retryJitter: 0.2,
  deferral: { initial: 10 * second, max: 5 * minute },
  reply: {
    recipientBusy: 15 * minute,
    outOfStep: 10 * second,
    rate: 10 * second,
    busy: { initial: 1 * second, max: 5 * minute },
    tooManyRecipients: { initial: 1 * minute, max: 1 * hour },
    senderNotAllowed: { initial: 1 * minute, max: 1 * hour },
    unknown: 90 * second,
    retryAfterMax: 24 * hour,
    rollout: 30 * second,
    rolloutMax: 15 * minute,
  },
  crashBackoff: 5 * second,
  circuit: {
    busy: { initial: 30 * second, max: 15 * minute },
    quota: { initial: 10 * minute, max: 1 * hour },
    login: { initial: 1 * minute, max: 10 * minute },
    unreachable: { initial: 10 * second, max: 5 * minute },
    poll: second,
    probe: 30 * second,
    expiry: 24 * hour,
  },
  refusal: { wait: 30 * second, giveUp: 15 * minute, preferOthers: 10 * second },
  rateWaitMax: 5 * minute,
  smtp: {
    connect: 20 * second,
    greeting: 5 * minute,
    ehlo: 5 * minute,
    starttls: 5 * minute,
    auth: 5 * minute,
    mail: 5 * minute,
    rcpt: 5 * minute,
    data: 2 * minute,
    block: 3 * minute,
    dot: 10 * minute,
    rset: 10 * second,
    quit: 10 * second,
    schemeCheck: 10 * second,
    slowLog: 10 * second,
    slowPhase: 20 * second,
    slowFor: 1 * minute,
    stopGrace: 25 * second,
    idle: 30 * second,
    pause: 1 * second,
    pauseMax: 10 * second,
  },
  oauth: oauthTimings,
  submission: submissionTimings,
  commandLine: commandLineTimings,
  alertInterval: 1 * minute,
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
  batchTimeout: 30 * second,
  sweep: { intervalMs: 30 * second, lease: 27 * second, overdue: 5 * minute },
  heartbeat: { intervalMs: 5 * second, gone: 15 * second },
  apiKeys: { poll: 500, confirmed: 1500, storeUse: 30 * second },
  pause: { poll: second, lease: 10 * second },
  bulk: { poll: 500, lease: 10 * second, chunk: 250 },
  templateSet: { poll: 2 * second, settle: 250, verify: 60 * second },
  monitoring: monitoringTimings,
  redis: redisTimings,
  dashboard: {
    mailPoll: second,
    mailRefresh: 15 * second,
    statusPoll: 2 * second,
    riskPoll: minute,
    bulkPoll: 500,
    signInWindow: 5 * minute,
    signInSlowdown: { initial: 250, max: 4 * second },
    oidc: oidcTimings,
    sessionUse: minute,
    flash: 1 * minute,
    exportStall: minute,
    filterChoices: minute,
    language: 365 * 24 * hour,
  },
  sandbox: {
    processStop: 5 * second,
    stop: 20 * second,
    firstMail: 30 * second,
    apiRequest: 2 * second,
    apiTries: 8 * second,
    mailPoll: { initial: 50, max: 2 * second },
  },
  preview: { settle: 20, check: 300, send: 10 * second },
  stop: 30 * second,
  repeatedSignal: 500,
  http: { headers: 10 * second, request: 60 * second, check: second, bodyProgress: 5 * second, turn: 2 },
});

/** Freezes an object and all objects in it. */
export function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
