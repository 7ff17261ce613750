/** What the first page shows, read once for all who look at it. */
import type { MailState } from '@posthouse/contract';
import {
  type FailureGroup,
  FailureGroups,
  type LiveWorker,
  type PauseState,
  type ProviderStatus,
  QueueOverview,
  QueuePause,
  type RequestConnection,
  type Traffic,
} from '@posthouse/queue';

/** How it goes, at one moment. */
export interface Overview {
  counts: Record<MailState, number>;
  /** Since when the longest waiting of queued mails is due, ms since the epoch. */
  oldestWaiting: number | undefined;
  pause: PauseState;
  /** The latest 60 minutes. */
  hour: Traffic[];
  /** The latest day in steps of 15 minutes. */
  day: Traffic[];
  providers: ProviderStatus[];
  workers: LiveWorker[];
  failures: FailureGroup[];
}

const stepMs = 15 * 60_000;
const failuresShown = 5;

/** Reads it when it is asked for, and at most every so often, however many ask. */
export class OverviewCache {
  readonly #read: () => Promise<Overview>;
  readonly #everyMs: number;
  #latest: { at: number; overview: Promise<Overview> } | undefined;

  constructor(connection: RequestConnection, everyMs: number) {
    const queue = new QueueOverview(connection);
    const groups = new FailureGroups(connection);
    const pause = new QueuePause(connection);
    this.#everyMs = everyMs;
    this.#read = async () => {
      const [counts, oldestWaiting, paused, minutes, providers, workers, failures] = await Promise.all([
        queue.counts(),
        queue.oldestWaiting(),
        pause.state(),
        queue.traffic(24 * 60),
        queue.providers(),
        queue.workers(),
        groups.top(failuresShown),
      ]);
      return { counts, oldestWaiting, pause: paused, hour: minutes.slice(-60), day: inSteps(minutes), providers, workers, failures };
    };
  }

  /** @throws QueueUnavailable */
  now(): Promise<Overview> {
    if (this.#latest === undefined || Date.now() - this.#latest.at >= this.#everyMs) {
      this.#latest = { at: Date.now(), overview: this.#read() };
    }
    return this.#latest.overview;
  }
}

/** Minutes summed up by the quarter of an hour that they are in. */
export function inSteps(minutes: readonly Traffic[]): Traffic[] {
  const steps = new Map<number, Traffic>();
  for (const { at, accepted, sent, failed } of minutes) {
    const begun = Math.floor(at / stepMs) * stepMs;
    const sum = steps.get(begun) ?? { at: begun, accepted: 0, sent: 0, failed: 0 };
    steps.set(begun, { at: begun, accepted: sum.accepted + accepted, sent: sum.sent + sent, failed: sum.failed + failed });
  }
  return [...steps.values()];
}
