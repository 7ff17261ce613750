/** Mails of high priority while many of low priority wait and are sent, and the memory of the worker meanwhile. */
import type { Child } from '../servers/child.ts';
import { sharedClock } from '../servers/child.ts';
import { mailTo } from '../servers/posthouse.ts';
import { residentMemory } from '../servers/resource-usage.ts';
import type { SmtpSink } from '../servers/smtp-sink.ts';
import { median, percentile } from '../table/statistics.ts';
import { atRate, type Context, inParallel, reach } from './context.ts';

const batchSize = 500;
const mebibyte = 1024 * 1024;

export async function measurePriority(context: Context): Promise<void> {
  const { posthouse, smtp, sizes, log, results } = context;
  const sink = smtp.sink as Child<SmtpSink>;
  const { low, high, perSecond, warmUp } = sizes.priority;
  log(`priority: accepting ${low} mails of low priority`);
  const batch = { mails: Array.from({ length: batchSize }, () => mailTo('low@example.net', 'low')) };
  await inParallel(2, Math.ceil(low / batchSize), () => posthouse.post('/v1/mails/batch', batch));
  const before = await sink.call.count();
  const pid = await posthouse.startWorker();
  await reach(context, 'arrived', async () => (await sink.call.count()) - before, warmUp);
  await sink.call.noteArrivals();
  const began = new Map<string, number>();
  const memory: number[] = [];
  await atRate(perSecond, high, async (n) => {
    const address = `high${n}@example.net`;
    began.set(address, sharedClock());
    await posthouse.post('/v1/mails', mailTo(address, 'high'));
    if (n % perSecond === 0) memory.push(await residentMemory(pid));
  });
  const waiting = (await posthouse.overview.counts()).queued;
  const arrivals = async () => {
    const arrived = await sink.call.arrivals();
    return [...began.keys()].filter((address) => arrived.has(address)).length;
  };
  await reach(context, 'arrived', arrivals, high);
  const arrived = await sink.call.arrivals();
  const times = [...began].map(([address, at]) => (arrived.get(address) as number) - at);
  const sent = (await sink.call.count()) - before;
  await posthouse.stopWorkers();
  const p95 = percentile(times, 0.95);
  const third = Math.ceil(memory.length / 3);
  const [first, last] = [median(memory.slice(0, third)), median(memory.slice(-third))];
  results.add('priority', { value: p95 });
  results.add('rss', {
    value: (last / first - 1) * 100,
    ours: { number: last / mebibyte, unit: 'MiB' },
    baseline: { number: first / mebibyte, unit: 'MiB' },
  });
  results.notes.push(
    `High priority: ${high} mails behind ${low} low ones, of which ${waiting} still waited at the end; the worker sent ${sent} mails meanwhile.`,
  );
  log(`priority: p95 ${p95.toFixed(1)} ms, worker ${Math.round(first / mebibyte)} → ${Math.round(last / mebibyte)} MiB`);
}
