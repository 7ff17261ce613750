/** The data of the overview, read once for all users who look at it. */
import type { MailState } from '@posthouse/contract';
import {
  type FailureCause,
  FailureGroups,
  type LiveWorker,
  ProviderStatistics,
  type ProviderStatus,
  type Quantiles,
  QueueMeter,
  QueueOverview,
  type RequestConnection,
  type WaitingMails,
} from '@posthouse/queue';

/** The whole system at one moment. */
export interface Overview {
  counts: Record<MailState, number>;
  /** The mails that could be sent now. */
  due: WaitingMails;
  /** How long mails waited in the last hour; undefined where none was sent. */
  wait: Quantiles | undefined;
  providers: ProviderStatus[];
  workers: LiveWorker[];
  failures: FailureCause[];
}

const failuresShown = 5;

/** Reads the overview on demand, at most once per `maxAgeMs`. */
export class OverviewCache {
  readonly #read: () => Promise<Overview>;
  readonly #maxAgeMs: number;
  #latest: { at: number; overview: Promise<Overview> } | undefined;

  constructor(connection: RequestConnection, maxAgeMs: number) {
    const queue = new QueueOverview(connection);
    const meter = new QueueMeter(connection);
    const groups = new FailureGroups(connection);
    const statistics = new ProviderStatistics(connection);
    this.#maxAgeMs = maxAgeMs;
    this.#read = async () => {
      const [counts, due, providers, workers, failures] = await Promise.all([
        queue.counts(),
        meter.due(),
        queue.providers(),
        queue.workers(),
        groups.top(failuresShown),
      ]);
      const { wait } = await statistics.read(
        providers.map(({ name }) => name),
        60,
      );
      return { counts, due, wait, providers, workers, failures };
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
