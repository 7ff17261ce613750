/**
 * One worker against the same mails sent without Posthouse: with the code of a good tutorial, and with the least that the libraries can
 * do. First the mails are accepted while no worker runs, then the worker starts and sends them.
 */
import { cpus } from 'node:os';
import type { Redis } from 'ioredis';
import type { BareWorker } from '../baselines/bare-worker.ts';
import { jobOptions } from '../baselines/baseline-job.ts';
import type { TutorialWorker } from '../baselines/tutorial-worker.ts';
import { Child } from '../servers/child.ts';
import { mailTo } from '../servers/posthouse.ts';
import { type RedisUsage, redisUsage } from '../servers/redis-usage.ts';
import { cpuTime } from '../servers/resource-usage.ts';
import type { CostLine } from '../table/rows.ts';
import { median } from '../table/statistics.ts';
import { describeBottleneck } from './bottleneck.ts';
import { type Context, inParallel, reach } from './context.ts';

/** A process that sends what waits in its queue. */
interface Sender {
  way: string;
  pid: number;
  redis: Redis;
  /** Mails sent since the drain began. */
  sent: () => Promise<number>;
}

/** What Redis used for accepting one mail, and the memory that the mail takes. */
interface Accepted {
  cpu: number;
  bytes: number;
}

export async function measureSending(context: Context): Promise<void> {
  const { sizes, log, results } = context;
  const keptBytes: number[] = [];
  for (let turn = 1; turn <= sizes.turns; turn++) {
    const ours = await posthouseTurn(context);
    const tutorial = await tutorialTurn(context);
    const bare = await bareTurn(context);
    results.costs.push(ours.cost, tutorial.cost, bare);
    results.add('speed', {
      value: ours.cost.mailsPerSecond / tutorial.cost.mailsPerSecond,
      ours: { number: ours.cost.mailsPerSecond, unit: 'mails/s' },
      baseline: { number: tutorial.cost.mailsPerSecond, unit: 'mails/s' },
    });
    results.add('cpu', {
      value: ours.cost.process / bare.process,
      ours: { number: ours.cost.process, unit: 'ms' },
      baseline: { number: bare.process, unit: 'ms' },
    });
    const redis = ours.accepted.cpu + ours.cost.redis;
    results.add('redis-cpu', { value: redis, baseline: { number: tutorial.accepted.cpu + tutorial.cost.redis, unit: 'ms' } });
    results.add('waiting-memory', { value: ours.accepted.bytes, baseline: { number: tutorial.accepted.bytes, unit: 'bytes' } });
    results.add('sent-memory', { value: ours.sentBytes });
    keptBytes.push(ours.keptBytes);
    const speeds = [ours.cost, tutorial.cost, bare].map((cost) => `${cost.way} ${Math.round(cost.mailsPerSecond)}/s`);
    log(`sending, turn ${turn} of ${sizes.turns}: ${speeds.join(', ')}`);
  }
  const turns = results.costs.filter(({ way }) => way === 'Posthouse').toSorted((one, other) => one.mailsPerSecond - other.mailsPerSecond);
  const typical = turns[Math.floor(turns.length / 2)];
  if (typical !== undefined) results.notes.push(describeBottleneck(typical, cpus().length));
  const kept = Math.round(median(keptBytes)).toLocaleString('en-US');
  results.notes.push(
    `What is kept of the content of such a mail takes ${kept} bytes of Redis’ memory besides: its template’s data and its subject.`,
  );
  const fastest = results.costs.reduce((best, cost) => (cost.mailsPerSecond > best.mailsPerSecond ? cost : best));
  const share = Math.round((fastest.smtp * fastest.mailsPerSecond) / 10);
  if (context.smtp.sink !== undefined) {
    results.notes.push(
      `The SMTP server used ${share} % of one core while it took ${Math.round(fastest.mailsPerSecond)} mails/s (${fastest.way}).`,
    );
  }
}

/** `sentBytes`: of a mail without what is kept of its content, which takes `keptBytes`. */
async function posthouseTurn(context: Context): Promise<{ cost: CostLine; accepted: Accepted; sentBytes: number; keptBytes: number }> {
  const { posthouse, smtp, sizes } = context;
  const total = sizes.sending.warmUp + sizes.sending.mails;
  const sentBefore = (await posthouse.overview.counts()).sent;
  const before = await redisUsage(posthouse.redis);
  await inParallel(sizes.clients, total, () => posthouse.post('/v1/mails', mailTo('anne@example.net')));
  const accepted = perMail(before, await redisUsage(posthouse.redis), total);
  const arrivedBefore = await smtp.sink?.call.count();
  const sent = async () =>
    smtp.sink === undefined ? (await posthouse.overview.counts()).sent - sentBefore : (await smtp.sink.call.count()) - (arrivedBefore ?? 0);
  const pid = await posthouse.startWorker();
  const cost = await drain(context, { way: 'Posthouse', pid, redis: posthouse.redis, sent });
  await reach(context, 'recorded as sent', async () => (await posthouse.overview.counts()).sent, sentBefore + total);
  await posthouse.stopWorkers();
  const { memory } = await redisUsage(posthouse.redis);
  await deleteKeptContent(posthouse.redis);
  const { memory: memoryWithout } = await redisUsage(posthouse.redis);
  return { cost, accepted, sentBytes: (memoryWithout - before.memory) / total, keptBytes: (memory - memoryWithout) / total };
}

/** Leaves the records as those of mails of which nothing is kept. */
async function deleteKeptContent(redis: Redis): Promise<void> {
  for await (const keys of redis.scanStream({ match: '{posthouse}:content:*', count: 1000 })) {
    const deletion = redis.pipeline();
    for (const key of keys as string[]) deletion.del(key).hdel(key.replace(':content:', ':record:'), 'contentState', 'contentUntil');
    await deletion.exec();
  }
}

async function tutorialTurn(context: Context): Promise<{ cost: CostLine; accepted: Accepted }> {
  const { baseline, smtp, sizes } = context;
  const total = sizes.sending.warmUp + sizes.sending.mails;
  const queue = baseline.queue('tutorial');
  const before = await redisUsage(baseline.redis);
  await inParallel(sizes.clients, total, () => queue.add('mail', { to: 'anne@example.net', nickname: 'Anne' }));
  const accepted = perMail(before, await redisUsage(baseline.redis), total);
  const worker = new Child<TutorialWorker>('baselines/tutorial-worker');
  await worker.call.start(baseline.settings('tutorial', smtp));
  const cost = await drain(context, { way: 'tutorial', pid: worker.pid, redis: baseline.redis, sent: worker.call.completed });
  await worker.stop();
  return { cost, accepted };
}

async function bareTurn(context: Context): Promise<CostLine> {
  const { baseline, smtp, sizes } = context;
  const total = sizes.sending.warmUp + sizes.sending.mails;
  const jobs = Array.from({ length: total }, () => ({ name: 'empty', data: {} as never, opts: jobOptions }));
  await baseline.queue('bare').addBulk(jobs);
  const settings = baseline.settings('bare', smtp);
  const worker = new Child<BareWorker>('baselines/bare-worker');
  await worker.call.open(settings);
  await worker.call.work(settings);
  const cost = await drain(context, { way: 'bare', pid: worker.pid, redis: baseline.redis, sent: worker.call.completed });
  await worker.stop();
  return cost;
}

/** Waits until everything is sent. What it returns is of the mails after the warm-up. */
async function drain(context: Context, { way, pid, redis, sent }: Sender): Promise<CostLine> {
  const { smtp, sizes } = context;
  const { warmUp, mails } = sizes.sending;
  const usageAt = async (count: number) => ({
    ...(await reach(context, way, sent, count)),
    cpu: await cpuTime(pid),
    redis: await redisUsage(redis),
    smtp: smtp.sink === undefined ? 0 : (await cpuTime(smtp.sink.pid)).process,
  });
  const from = await usageAt(warmUp);
  const to = await usageAt(warmUp + mails);
  const count = to.count - from.count;
  return {
    way,
    mailsPerSecond: (count * 1000) / (to.at - from.at),
    process: (to.cpu.process - from.cpu.process) / count,
    mainThread: (to.cpu.mainThread - from.cpu.mainThread) / count,
    redis: (to.redis.cpu - from.redis.cpu) / count,
    smtp: (to.smtp - from.smtp) / count,
    commands: (to.redis.commands - from.redis.commands) / count,
  };
}

function perMail(before: RedisUsage, after: RedisUsage, mails: number): Accepted {
  return { cpu: (after.cpu - before.cpu) / mails, bytes: (after.memory - before.memory) / mails };
}
