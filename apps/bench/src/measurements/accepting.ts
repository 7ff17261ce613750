/** The API against BullMQ's `Queue.add`, which an application would call in its place: single mails with many clients, and batches. */

import { mailTo } from '../servers/posthouse.ts';
import { redisUsage } from '../servers/redis-usage.ts';
import { cpuTime } from '../servers/resource-usage.ts';
import { percentile } from '../table/statistics.ts';
import { type Context, inParallel } from './context.ts';

const batchSize = 100;

/** Each client waits for its batch, as with single mails. */
const batchClients = 4;

export async function measureAccepting(context: Context): Promise<void> {
  const { posthouse, baseline, sizes, log, results } = context;
  const { mails, warmUp } = sizes.accepting;
  const queue = baseline.queue('added');
  const add = () => queue.add('mail', { to: 'anne@example.net', nickname: 'Anne' });
  const post = () => posthouse.post('/v1/mails', mailTo('anne@example.net'));
  const batch = { mails: Array.from({ length: batchSize }, () => mailTo('anne@example.net')) };
  const postBatch = () => posthouse.post('/v1/mails/batch', batch);
  await inParallel(sizes.clients, warmUp, post);
  await inParallel(sizes.clients, warmUp, add);
  await inParallel(batchClients, Math.ceil(warmUp / batchSize), postBatch);
  for (let turn = 1; turn <= sizes.turns; turn++) {
    const times: number[] = [];
    const singles = await rate(context, mails, () =>
      inParallel(sizes.clients, mails, async () => {
        const began = performance.now();
        await post();
        times.push(performance.now() - began);
      }),
    );
    const added = await mailsPerSecond(mails, () => inParallel(sizes.clients, mails, add));
    const batches = Math.max(Math.round(mails / batchSize), 1);
    const batched = await mailsPerSecond(batches * batchSize, () => inParallel(batchClients, batches, postBatch));
    const baselineAmount = { number: added, unit: 'mails/s' };
    results.add('post', { value: singles / added, ours: { number: singles, unit: 'mails/s' }, baseline: baselineAmount });
    results.add('post-p95', { value: percentile(times, 0.95) });
    results.add('batch', { value: batched / added, ours: { number: batched, unit: 'mails/s' }, baseline: baselineAmount });
    await queue.drain();
    const speeds = `API ${Math.round(singles)}/s, in batches ${Math.round(batched)}/s, Queue.add ${Math.round(added)}/s`;
    log(`accepting, turn ${turn} of ${sizes.turns}: ${speeds}`);
  }
}

async function mailsPerSecond(mails: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (mails * 1000) / (performance.now() - began);
}

/** The same, and what API and Redis used. */
async function rate({ posthouse, results }: Context, mails: number, work: () => Promise<void>): Promise<number> {
  const [cpu, redis] = [await cpuTime(posthouse.apiPid), await redisUsage(posthouse.redis)];
  const speed = await mailsPerSecond(mails, work);
  const [cpuAfter, redisAfter] = [await cpuTime(posthouse.apiPid), await redisUsage(posthouse.redis)];
  results.costs.push({
    way: 'API',
    mailsPerSecond: speed,
    process: (cpuAfter.process - cpu.process) / mails,
    mainThread: (cpuAfter.mainThread - cpu.mainThread) / mails,
    redis: (redisAfter.cpu - redis.cpu) / mails,
    smtp: 0,
    commands: (redisAfter.commands - redis.commands) / mails,
  });
  return speed;
}
