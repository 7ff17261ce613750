/** What every measurement is given, and the two ways in which mails are sent: as many as possible, or so many per second. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Baseline } from '../baselines/baseline.ts';
import type { Posthouse } from '../servers/posthouse.ts';
import type { SmtpTarget } from '../servers/smtp-target.ts';
import type { CostLine, RowId, Sample, Samples } from '../table/rows.ts';
import type { Sizes } from '../table/sizes.ts';

export interface Context {
  posthouse: Posthouse;
  baseline: Baseline;
  smtp: SmtpTarget;
  sizes: Sizes;
  /** Shows a line of progress. */
  log: (line: string) => void;
  results: Results;
}

/** What the measurements have found so far. */
export class Results {
  samples: Samples = {};
  readonly costs: CostLine[] = [];
  /** What a reader of the table has to know. */
  readonly notes: string[] = [];

  add(row: RowId, sample: Sample): void {
    const samples = this.samples[row] ?? [];
    samples.push(sample);
    this.samples[row] = samples;
  }
}

/** Runs `work` so many times, at most `clients` at a time. @param work is given the number of the run, from 0 */
export async function inParallel(clients: number, times: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** Runs `work` at a fixed rate, whether or not the runs before have ended. Resolves when all have. */
export async function atRate(perSecond: number, times: number, work: (n: number) => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const running: Promise<unknown>[] = [];
  for (let n = 0; n < times; n++) {
    await sleep(Math.max(began + (n * 1000) / perSecond - performance.now(), 0));
    const run = work(n);
    // It is thrown below; until then it is no unhandled rejection.
    run.catch(() => undefined);
    running.push(run);
  }
  await Promise.all(running);
}

/**
 * Waits until a count has reached a number.
 * @returns the count, and when it was read (`performance.now`)
 * @throws when it has not changed for `stallMs`
 */
export async function reach(
  { sizes }: Pick<Context, 'sizes'>,
  what: string,
  count: () => Promise<number>,
  target: number,
): Promise<{ count: number; at: number }> {
  let changed = { count: -1, at: performance.now() };
  for (;;) {
    const now = { count: await count(), at: performance.now() };
    if (now.count >= target) return now;
    if (now.count !== changed.count) changed = now;
    else if (now.at - changed.at > sizes.stallMs)
      throw new Error(`${what}: ${now.count} of ${target} after ${sizes.stallMs / 1000} s without another`);
    await sleep(sizes.pollMs);
  }
}
