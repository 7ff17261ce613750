/** One run: starts what is measured, runs the measurements that the chosen rows need, and returns the report. */
import { totalmem } from 'node:os';
import { Baseline } from './baselines/baseline.ts';
import { measureAccepting } from './measurements/accepting.ts';
import { type Context, Results } from './measurements/context.ts';
import { measureFirstMails, measureLatency } from './measurements/latency.ts';
import { measurePriority } from './measurements/priority.ts';
import { measureScaling } from './measurements/scaling.ts';
import { measureSending } from './measurements/sending.ts';
import { measureSubmitting } from './measurements/submitting.ts';
import { createReport, describeMachine, type Report } from './report/report.ts';
import { Posthouse } from './servers/posthouse.ts';
import { SmtpTarget } from './servers/smtp-target.ts';
import { type RowId, rows } from './table/rows.ts';
import type { Sizes } from './table/sizes.ts';

export interface BenchOptions {
  /** All rows where it is empty. */
  only: readonly RowId[];
  smtpUrl?: string | undefined;
  sizes: Sizes;
  /** The folder for CPU profiles, if they are taken. */
  profiles?: string | undefined;
  /** Shows a line of progress. */
  log: (line: string) => void;
  /** Ends the run early; what is running is stopped. */
  signal?: AbortSignal;
}

/** In the order in which they run; the rows that each is run for. */
const measurements: readonly [rows: readonly RowId[], run: (context: Context) => Promise<void>][] = [
  [['speed', 'cpu', 'redis-cpu', 'waiting-memory', 'sent-memory'], measureSending],
  [['latency'], measureLatency],
  [['first-mail', 'idle-mail'], measureFirstMails],
  [['workers'], measureScaling],
  [['priority', 'rss'], measurePriority],
  // Last, because the mails that it accepts are never sent.
  [['submission', 'submission-p95'], measureSubmitting],
  [['post', 'post-p95', 'batch'], measureAccepting],
];

/** @throws when a part cannot be started, or fails */
export async function runBench({ only, smtpUrl, sizes, profiles, log, signal }: BenchOptions): Promise<Report> {
  const began = new Date();
  const wanted = rows.filter(({ id, needsSink }) => (only.length === 0 || only.includes(id)) && (smtpUrl === undefined || !needsSink));
  const smtp = smtpUrl === undefined ? await SmtpTarget.start() : SmtpTarget.at(smtpUrl);
  const posthouse = new Posthouse(smtp, profiles);
  const baseline = new Baseline();
  const results = new Results();
  try {
    await Promise.all([posthouse.start(sizes.clients), baseline.start()]);
    const context = { posthouse, baseline, smtp, sizes, log, results };
    for (const [ids, measure] of measurements) {
      signal?.throwIfAborted();
      if (wanted.some(({ id }) => ids.includes(id))) await unlessAborted(measure(context), signal);
    }
    const redis = /redis_version:(\S+)/.exec(await posthouse.redis.info('server'))?.[1] ?? 'unknown';
    const seconds = (Date.now() - began.getTime()) / 1000;
    return createReport(began, seconds, describeMachine(totalmem(), redis), results, wanted);
  } finally {
    await posthouse.stop();
    await baseline.stop();
    await smtp.stop();
  }
}

/** Waits for a measurement, or rejects when the run is interrupted; the measurement then fails because its parts are stopped. */
async function unlessAborted(measuring: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  measuring.catch(() => undefined);
  const aborted = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  await Promise.race([measuring, aborted]);
}
