/**
 * What is true of the queue as a whole at one moment, for metrics and for scaling: read with a fixed number of commands, however many mails there
 * are, and at most once in `timings.monitoring.queueReading`.
 */
import type { MailState } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { type Pause, Pauses } from '../operations/pauses.ts';
import type { PauseScope } from '../record/pause.ts';
import type { RedisRisk } from '../redis/connection-log.ts';
import { activeKey, delayedKey, prioritizedKey, releasingKey, runningBulksKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { measureQueue } from './monitoring-scripts.ts';
import { type ProviderStatus, QueueOverview } from './queue-overview.ts';

/** BullMQ's priorities, from 1 on, as a person knows them: the last three are for bulk work, after all other mail. */
const priorities = ['high', 'normal', 'low', 'bulk', 'bulk', 'bulk'] as const;

/**
 * How urgent due mails are. `delayed`: a retry or a schedule has come due, and no worker has put the mail among the others yet, which takes a
 * moment where any worker takes mail.
 */
export const duePriorities = ['high', 'normal', 'low', 'bulk', 'delayed'] as const;
export type DuePriority = (typeof duePriorities)[number];

/** Mails that could be sent now. */
interface DueMails {
  mails: number;
  /** How long the one that was due first has waited, in ms; 0 for none. */
  oldestMs: number;
}

/** Mails that could be sent now, of all priorities. */
export interface WaitingMails {
  mails: number;
  /** When the one that was due first was due, ms since the epoch; absent for none. */
  oldestAt?: number;
}

/** The queue at one moment. */
export interface QueueMeasurement {
  mails: Record<MailState, number>;
  due: Record<DuePriority, DueMails>;
  /** Mails that workers have. */
  inProgress: number;
  workers: number;
  /** With how far ahead the next mail under its rate is, in ms. */
  providers: (ProviderStatus & { isPaused: boolean; nextSlotMs: number })[];
  /** Of each scope that is paused: how long the oldest pause has lasted, in ms. BullMQ's own pause has no time. */
  pauses: Map<PauseScope | 'tool', number>;
  parked: number;
  /** Pauses that have ended and whose mails a worker has yet to release. */
  releasing: number;
  bulkActions: number;
  redisRisks: RedisRisk[];
  /** How long Redis took to answer, in ms. */
  roundTripMs: number;
}

/** Measures the queue. */
export class QueueMeter {
  readonly #connection: RequestConnection;
  readonly #overview: QueueOverview;
  readonly #pauses: Pauses;
  #reading: { at: number; result: Promise<QueueMeasurement> } | undefined;
  #risks: { at: number; result: RedisRisk[] } | undefined;

  constructor(connection: RequestConnection) {
    this.#connection = connection;
    this.#overview = new QueueOverview(connection);
    this.#pauses = new Pauses(connection);
  }

  /** @throws QueueUnavailable when Redis cannot be reached */
  async measure(): Promise<QueueMeasurement> {
    const { queueReading } = this.#connection.timings.monitoring;
    if (this.#reading === undefined || performance.now() - this.#reading.at >= queueReading) {
      const result = this.#measure();
      this.#reading = { at: performance.now(), result };
      // A failure is not kept: the next caller asks Redis again.
      result.catch(() => {
        if (this.#reading?.result === result) this.#reading = undefined;
      });
    }
    return await this.#reading.result;
  }

  /**
   * The mails that could be sent now, whatever their urgency: those that `measure` has, read each time, for a page.
   * @throws QueueUnavailable when Redis cannot be reached
   */
  async due(): Promise<WaitingMails> {
    const [now, , , , ...counted] = await this.#script();
    const due = Object.values(dueMails(counted, Number(now)));
    const mails = due.reduce((sum, one) => sum + one.mails, 0);
    return { mails, ...(mails > 0 && { oldestAt: Number(now) - Math.max(...due.map(({ oldestMs }) => oldestMs)) }) };
  }

  async #script(): Promise<string[]> {
    return await this.#connection.run(({ redis }) =>
      runScript(
        redis,
        measureQueue,
        { prioritized: prioritizedKey, delayed: delayedKey, active: activeKey, bulks: runningBulksKey, releasing: releasingKey },
        { priorities: priorities.length },
      ),
    );
  }

  async #measure(): Promise<QueueMeasurement> {
    const before = performance.now();
    const [now, inProgress, bulkActions, releasing, ...due] = await this.#script();
    const roundTripMs = performance.now() - before;
    const [mails, workers, statuses, pauses, redisRisks] = await Promise.all([
      this.#overview.counts(),
      this.#overview.workers(),
      this.#overview.providers(),
      this.#pauses.list(),
      this.#redisRisks(),
    ]);
    const pausedProviders = new Set(pauses.pauses.flatMap(({ scope, name }) => (scope === 'provider' ? [name] : [])));
    return {
      mails,
      due: dueMails(due, Number(now)),
      inProgress: Number(inProgress),
      workers: workers.length,
      providers: statuses.map((provider) => ({
        ...provider,
        isPaused: pausedProviders.has(provider.name),
        nextSlotMs: Math.max((provider.nextSlotAt ?? 0) - Number(now), 0),
      })),
      pauses: pauseAges(pauses, Number(now)),
      parked: pauses.pauses.reduce((sum, { parked }) => sum + parked, 0),
      bulkActions: Number(bulkActions),
      releasing: Number(releasing),
      redisRisks,
      roundTripMs,
    };
  }

  async #redisRisks(): Promise<RedisRisk[]> {
    const { redisSettings } = this.#connection.timings.monitoring;
    if (this.#risks === undefined || performance.now() - this.#risks.at >= redisSettings)
      this.#risks = { result: await this.#overview.redisRisks(), at: performance.now() };
    return this.#risks.result;
  }
}

/** @param counted how many mails, and when the first was due, in turn: of each priority, and of delayed ones */
function dueMails(counted: readonly string[], now: number): Record<DuePriority, DueMails> {
  const due = Object.fromEntries(duePriorities.map((name) => [name, { mails: 0, oldestMs: 0 }])) as Record<DuePriority, DueMails>;
  for (const [n, name] of [...priorities, 'delayed' as const].entries()) {
    const at = Number(counted[2 * n + 1]);
    due[name].mails += Number(counted[2 * n]);
    if (at > 0) due[name].oldestMs = Math.max(due[name].oldestMs, now - at);
  }
  return due;
}

function pauseAges({ pauses, byTool }: { pauses: Pause[]; byTool: boolean }, now: number): Map<PauseScope | 'tool', number> {
  const ages = new Map<PauseScope | 'tool', number>();
  for (const { scope, since } of pauses) ages.set(scope, Math.max(ages.get(scope) ?? 0, now - since));
  if (byTool) ages.set('tool', 0);
  return ages;
}

/** What KEDA scales workers by. */
export interface Scale {
  /**
   * How many mails workers are needed for: what is due and in progress; 0 while everything is paused, and at most 1 while no provider can be used
   * because it is paused or down, for the worker that probes. Where each provider takes fewer connections than the workers may have, no more than these have use for.
   * At least 1 while a bulk action runs, or the mails of an ended pause are to be released: that is a worker's task too.
   */
  mails: number;
  due: number;
  inProgress: number;
  workers: number;
  paused: boolean;
}

/** @param mailsPerConnection that a worker needs at least, to keep its connections busy */
export function scaleOf(
  { due, inProgress, workers, providers, pauses, bulkActions, releasing }: QueueMeasurement,
  mailsPerConnection: number,
): Scale {
  const dueMails = Object.values(due).reduce((sum, { mails }) => sum + mails, 0);
  // Pauses of each provider do not count: without a worker it is not known which there are, so workers would come and go in turn.
  const paused = pauses.has('everything') || pauses.has('tool');
  const max = paused ? 0 : maxMails(providers, mailsPerConnection);
  const min = bulkActions > 0 || releasing > 0 ? 1 : 0;
  return { mails: Math.max(Math.min(dueMails + inProgress, max), min), due: dueMails, inProgress, workers, paused };
}

function maxMails(providers: QueueMeasurement['providers'], mailsPerConnection: number): number {
  // Without a worker nothing is known of the providers.
  if (providers.length === 0) return Number.POSITIVE_INFINITY;
  const usable = providers.filter(({ circuit, isPaused }) => circuit === 'closed' && !isPaused);
  if (usable.length === 0) return 1;
  if (usable.some(({ maxConnections, pool }) => maxConnections >= pool)) return Number.POSITIVE_INFINITY;
  return usable.reduce((sum, { maxConnections }) => sum + maxConnections, 0) * mailsPerConnection;
}
