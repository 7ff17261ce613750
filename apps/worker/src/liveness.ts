/** Whether a worker works: its loops and leases have run within a time, unless Redis, without which they cannot run, is down. */
import type { QueueMeter, RequestConnection } from '@posthouse/queue';

/** A part of the worker that runs again and again; `ranAt` is when it last did, by the clock of `performance.now`. */
interface RunningPart {
  readonly name: string;
  readonly ranAt: number;
}

/** A part that has not run, and for how long, in seconds. */
interface StalledPart {
  part: string;
  seconds: number;
}

/** Watches the parts of one worker. */
export class Liveness {
  readonly #parts: readonly RunningPart[];
  readonly #max: number;
  /** When Redis was last found down, by the clock of `performance.now`. */
  #redisDownAt = Number.NEGATIVE_INFINITY;

  /** @param max ms within which each part must have run */
  constructor(parts: readonly RunningPart[], max: number) {
    this.#parts = parts;
    this.#max = max;
  }

  /**
   * @param connection asked only where a part has not run: while Redis is down none can, and to end the worker would lose what it has not stored
   * @param consumer idle although mails have been due for as long, it does not take them
   * @returns the parts that have stalled; none for a live worker
   */
  async stalled(
    connection: RequestConnection,
    consumer: { readonly name: string; readonly idleSince: number | undefined },
    meter: QueueMeter,
  ): Promise<StalledPart[]> {
    const since = this.#parts.map(({ name, ranAt }) => ({ name, ranAt }));
    const { idleSince } = consumer;
    if (idleSince !== undefined && this.#isLate(idleSince) && (await this.#areMailsDue(meter)))
      since.push({ name: consumer.name, ranAt: idleSince });
    const late = since.filter(({ ranAt }) => this.#isLate(ranAt));
    if (late.length === 0) return [];
    if (!(await connection.isReady())) this.#redisDownAt = performance.now();
    return late
      .filter(({ ranAt }) => this.#isLate(Math.max(ranAt, this.#redisDownAt)))
      .map(({ name, ranAt }) => ({ part: name, seconds: Math.round((performance.now() - ranAt) / 1000) }));
  }

  async #areMailsDue(meter: QueueMeter): Promise<boolean> {
    const measured = await meter.measure().catch(() => undefined);
    return Object.values(measured?.due ?? {}).some(({ oldestMs }) => oldestMs > this.#max);
  }

  #isLate(at: number): boolean {
    return performance.now() - at > this.#max;
  }
}
