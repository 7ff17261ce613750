/** The data of the overview, read once for all users who look at it. */
import type { MailState } from '@posthouse/contract';
import {
  type FailureCause,
  FailureGroups,
  type LiveWorker,
  ProviderStatistics,
  type ProviderStatus,
  type Quantiles,
  QueueOverview,
  type RequestConnection,
  type Traffic,
} from '@posthouse/queue';

/** The whole system at one moment. */
export interface Overview {
  counts: Record<MailState, number>;
  /** When the oldest queued mail became due, ms since the epoch; undefined when none is queued. */
  oldestWaiting: number | undefined;
  /** How long mails waited in the last hour; undefined where none was sent. */
  wait: Quantiles | undefined;
  /** The last 60 minutes. */
  hour: Traffic[];
  /** The last 24 hours in steps of 15 minutes. */
  day: Traffic[];
  providers: ProviderStatus[];
  workers: LiveWorker[];
  failures: FailureCause[];
}

/** ms. */
const quarterHour = 15 * 60 * 1000;
const failuresShown = 5;

/** Reads the overview on demand, at most once per `maxAgeMs`. */
export class OverviewCache {
  readonly #read: () => Promise<Overview>;
  readonly #maxAgeMs: number;
  #latest: { at: number; overview: Promise<Overview> } | undefined;

  constructor(connection: RequestConnection, maxAgeMs: number) {
    const queue = new QueueOverview(connection);
    const groups = new FailureGroups(connection);
    const statistics = new ProviderStatistics(connection);
    this.#maxAgeMs = maxAgeMs;
    this.#read = async () => {
      const [counts, oldestWaiting, minutes, providers, workers, failures] = await Promise.all([
        queue.counts(),
        queue.oldestWaiting(),
        queue.traffic(24 * 60),
        queue.providers(),
        queue.workers(),
        groups.top(failuresShown),
      ]);
      const { wait } = await statistics.read(
        providers.map(({ name }) => name),
        60,
      );
      return { counts, oldestWaiting, wait, hour: minutes.slice(-60), day: inSteps(minutes), providers, workers, failures };
    };
  }

  /** @throws QueueUnavailable */
  get(): Promise<Overview> {
    if (this.#latest === undefined || Date.now() - this.#latest.at >= this.#maxAgeMs) {
      this.#latest = { at: Date.now(), overview: this.#read() };
    }
    return this.#latest.overview;
  }
}

/** Counts per minute, added up per quarter of an hour. */
export function inSteps(minutes: readonly Traffic[]): Traffic[] {
  const steps = new Map<number, Traffic>();
  for (const { at, accepted, sent, failed } of minutes) {
    const start = Math.floor(at / quarterHour) * quarterHour;
    const sum = steps.get(start) ?? { at: start, accepted: 0, sent: 0, failed: 0 };
    steps.set(start, { at: start, accepted: sum.accepted + accepted, sent: sum.sent + sent, failed: sum.failed + failed });
  }
  return [...steps.values()];
}
