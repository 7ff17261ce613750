/** From the request until the message has arrived: at a steady rate, for the first mail of a process, and after an idle time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BareWorker } from '../baselines/bare-worker.ts';
import { Child, sharedClock } from '../servers/child.ts';
import { mailTo } from '../servers/posthouse.ts';
import type { SmtpSink } from '../servers/smtp-sink.ts';
import { percentile } from '../table/statistics.ts';
import { atRate, type Context, inParallel, reach } from './context.ts';

export async function measureLatency(context: Context): Promise<void> {
  const { posthouse, baseline, smtp, sizes, log, results } = context;
  const sink = smtp.sink as Child<SmtpSink>;
  const { warmUp, turns } = sizes.latency;
  const bare = new Child<BareWorker>('baselines/bare-worker');
  await bare.call.open(baseline.settings('bare', smtp));
  await posthouse.startWorker();
  await inParallel(sizes.clients, warmUp, () => posthouse.post('/v1/mails', mailTo('anne@example.net')));
  await whenEmpty(context);
  await inParallel(1, warmUp, () => bare.call.transaction('anne@example.net'));
  for (let turn = 1; turn <= turns; turn++) {
    const ours = await latencies(context, sink, async (address) => {
      const began = sharedClock();
      await posthouse.post('/v1/mails', mailTo(address));
      return began;
    });
    const theirs = await latencies(context, sink, (address) => bare.call.transaction(address));
    const [p95, bareP95] = [percentile(ours, 0.95), percentile(theirs, 0.95)];
    results.add('latency', {
      value: p95 - bareP95,
      ours: { number: p95, unit: 'ms' },
      baseline: { number: bareP95, unit: 'ms' },
    });
    log(`latency, turn ${turn} of ${turns}: p95 ${p95.toFixed(1)} ms, bare transaction ${bareP95.toFixed(1)} ms`);
  }
  await posthouse.stopWorkers();
  await bare.stop();
}

/** The first mail of new worker processes, and a mail after the server has closed their connections. */
export async function measureFirstMails(context: Context): Promise<void> {
  const { posthouse, smtp, sizes, log, results } = context;
  const sink = smtp.sink as Child<SmtpSink>;
  await inParallel(sizes.clients, sizes.latency.warmUp, () => posthouse.post('/v1/mails', mailTo('anne@example.net')));
  await posthouse.startWorker();
  await whenEmpty(context);
  await posthouse.stopWorkers();
  for (let start = 1; start <= sizes.latency.starts; start++) {
    await posthouse.startWorker();
    await sleep(sizes.latency.settleMs);
    const first = await oneMail(context, sink);
    await sleep(sizes.latency.settleMs);
    await sink.call.dropConnections();
    await sleep(sizes.latency.settleMs);
    const idle = await oneMail(context, sink);
    await posthouse.stopWorkers();
    results.add('first-mail', { value: first });
    results.add('idle-mail', { value: idle });
    log(`first mail, start ${start} of ${sizes.latency.starts}: ${first.toFixed(1)} ms, after idle ${idle.toFixed(1)} ms`);
  }
}

/** Waits until everything that was accepted is sent. */
async function whenEmpty(context: Context): Promise<void> {
  const waiting = async () => {
    const { queued, sending, retrying } = await context.posthouse.overview.counts();
    return -(queued + sending + retrying);
  };
  await reach(context, 'mails that wait', waiting, 0);
}

async function oneMail(context: Context, sink: Child<SmtpSink>): Promise<number> {
  const address = 'first@example.net';
  await sink.call.noteArrivals();
  const began = sharedClock();
  await context.posthouse.post('/v1/mails', mailTo(address));
  await reach(context, 'arrived', async () => (await sink.call.arrivals()).size, 1);
  return ((await sink.call.arrivals()).get(address) as number) - began;
}

/** ms of each mail from its beginning to its arrival. @param send returns when it began */
async function latencies(context: Context, sink: Child<SmtpSink>, send: (address: string) => Promise<number>): Promise<number[]> {
  const { mails, perSecond } = context.sizes.latency;
  const began = new Map<string, number>();
  await sink.call.noteArrivals();
  await atRate(perSecond, mails, async (n) => {
    const address = `n${n}@example.net`;
    began.set(address, await send(address));
  });
  await reach(context, 'arrived', async () => (await sink.call.arrivals()).size, mails);
  const arrivals = await sink.call.arrivals();
  return [...began].map(([address, at]) => (arrivals.get(address) as number) - at);
}
