/** Traffic of an hour, a day or a week, and of the period before it; read once for all users who look at it. */
import { minute } from '@posthouse/contract';
import { type RequestConnection, type Traffic, TrafficHistory } from '@posthouse/queue';
import { choiceIn, type Query } from '../ui/url-parameters.ts';

/** The periods of the chart: so many steps of so many ms. */
export const periods = {
  hour: { steps: 60, step: minute },
  day: { steps: 96, step: 15 * minute },
  week: { steps: 84, step: 120 * minute },
} as const;

/** A period of the chart. */
export type Period = keyof typeof periods;

/** What is shown of a period. */
export interface PeriodTraffic {
  period: Period;
  /** Oldest first; the last step is not over. */
  steps: Traffic[];
  /** The sums of the period before, up to the same moment. */
  before: Omit<Traffic, 'at'>;
}

/** Reads at most once per `maxAgeMs` and period. */
export class TrafficReader {
  readonly #history: TrafficHistory;
  readonly #maxAgeMs: number;
  readonly #latest = new Map<Period, { at: number; traffic: Promise<PeriodTraffic> }>();

  constructor(connection: RequestConnection, maxAgeMs: number) {
    this.#history = new TrafficHistory(connection);
    this.#maxAgeMs = maxAgeMs;
  }

  /** @throws QueueUnavailable */
  get(period: Period): Promise<PeriodTraffic> {
    const known = this.#latest.get(period);
    if (known !== undefined && Date.now() - known.at < this.#maxAgeMs) return known.traffic;
    const traffic = this.#read(period);
    this.#latest.set(period, { at: Date.now(), traffic });
    return traffic;
  }

  async #read(period: Period): Promise<PeriodTraffic> {
    const { steps, step } = periods[period];
    const both = await this.#history.steps(step, 2 * steps);
    const sum = (name: keyof PeriodTraffic['before']) => both.slice(0, steps).reduce((total, each) => total + each[name], 0);
    return { period, steps: both.slice(steps), before: { accepted: sum('accepted'), sent: sum('sent'), failed: sum('failed') } };
  }
}

/** @returns the period of a URL; the hour where it has none @throws HttpError 400 where the value is no period */
export function periodIn(query: Query): Period {
  return choiceIn(query, 'period', Object.keys(periods) as Period[]) ?? 'hour';
}
