/** How many mails were accepted, sent and failed over time: from counters that the transitions keep for each minute. */
import { hour, minute } from '@posthouse/contract';
import type { RequestConnection } from '../connection/request-connection.ts';
import { trafficKey } from '../redis/keys.ts';
import { redisTime } from '../redis/redis-time.ts';

/** A batch that is accepted late, or a process that is behind, may still count in an hour that has ended. */
const lateMs = 5 * minute;

const events = ['accepted', 'sent', 'failed'] as const;

/** What happened in one step of time. */
export interface Traffic extends Record<(typeof events)[number], number> {
  /** When it began, ms since the epoch. */
  at: number;
}

/** Counts by minute of one hour. */
type Hour = Readonly<Record<string, string>>;

/** Reads the counters. Hours that have ended do not change, so they are read once. */
export class TrafficHistory {
  readonly #connection: RequestConnection;
  /** Ended hours, by when they began (ms since the epoch). All periods that are asked for share them. */
  readonly #ended = new Map<number, Hour>();

  constructor(connection: RequestConnection) {
    this.#connection = connection;
  }

  /**
   * What happened in the latest steps, oldest first; the last step is not over.
   * @param stepMs a whole number of minutes, ms; a step begins at a multiple of it since the epoch
   * @throws QueueUnavailable
   */
  async steps(stepMs: number, count: number): Promise<Traffic[]> {
    const now = await this.#connection.run(({ redis }) => redisTime(redis));
    const last = Math.floor(now / stepMs) * stepMs;
    const first = last - (count - 1) * stepMs;
    const hours = await this.#hours(first, now);
    const steps = Array.from({ length: count }, (_, n): Traffic => ({ at: first + n * stepMs, accepted: 0, sent: 0, failed: 0 }));
    for (const [start, counts] of hours) {
      for (const [field, value] of Object.entries(counts)) {
        const [event = '', minutes] = field.split(':');
        const step = steps[Math.floor((start + Number(minutes) * minute - first) / stepMs)];
        const known = events.find((name) => name === event);
        if (step !== undefined && known !== undefined) step[known] += Number(value) || 0;
      }
    }
    return steps;
  }

  /** The hours from `first` until `now`, by when they began (ms since the epoch). */
  async #hours(first: number, now: number): Promise<[number, Hour][]> {
    const starts: number[] = [];
    for (let start = Math.floor(first / hour) * hour; start <= now; start += hour) starts.push(start);
    for (const start of this.#ended.keys()) if (start < now - this.#connection.retention.traffic) this.#ended.delete(start);
    return await this.#connection.run(({ redis }) =>
      Promise.all(
        starts.map(async (start): Promise<[number, Hour]> => {
          const counts = this.#ended.get(start) ?? (await redis.hgetall(trafficKey(start)));
          if (start + hour + lateMs < now) this.#ended.set(start, counts);
          return [start, counts];
        }),
      ),
    );
  }
}
