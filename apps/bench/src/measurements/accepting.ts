/**
 * The API against BullMQ's `Queue.add`, which an application would call in its place: single mails with many clients, and batches. Each
 * caller waits for its answer before its next call, and both have a Redis that writes to disk before it answers. Beside them, what HTTP alone
 * takes.
 */

import { Pool } from 'undici';
import type { BareHttp } from '../baselines/bare-http.ts';
import { Child } from '../servers/child.ts';
import { mailTo } from '../servers/posthouse.ts';
import { redisUsage } from '../servers/redis-usage.ts';
import { cpuTime } from '../servers/resource-usage.ts';
import { median, percentile } from '../table/statistics.ts';
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
  const bare = new Child<BareHttp>('baselines/bare-http');
  const client = new Pool(`http://127.0.0.1:${await bare.call.start()}`, { connections: sizes.clients });
  const postBare = async () => {
    const body = JSON.stringify(mailTo('anne@example.net'));
    const response = await client.request({ path: '/', method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await response.body.dump();
  };
  const bareSpeeds: number[] = [];
  await inParallel(sizes.clients, warmUp, post);
  await inParallel(sizes.clients, warmUp, postBare);
  await inParallel(sizes.clients, warmUp, add);
  await inParallel(batchClients, Math.ceil(warmUp / batchSize), postBatch);
  for (let turn = 1; turn <= sizes.turns; turn++) {
    const times: number[] = [];
    const singles = await rate(context, 'API', posthouse.apiPid, mails, () =>
      inParallel(sizes.clients, mails, async () => {
        const began = performance.now();
        await post();
        times.push(performance.now() - began);
      }),
    );
    const added = await mailsPerSecond(mails, () => inParallel(sizes.clients, mails, add));
    const batches = Math.max(Math.round(mails / batchSize), 1);
    const batched = await rate(context, 'API, batches of 100', posthouse.apiPid, batches * batchSize, () =>
      inParallel(batchClients, batches, postBatch),
    );
    bareSpeeds.push(await mailsPerSecond(mails, () => inParallel(sizes.clients, mails, postBare)));
    const baselineAmount = { number: added, unit: 'mails/s' };
    results.add('post', { value: singles / added, ours: { number: singles, unit: 'mails/s' }, baseline: baselineAmount });
    results.add('post-p95', { value: percentile(times, 0.95) });
    results.add('batch', { value: batched / added, ours: { number: batched, unit: 'mails/s' }, baseline: baselineAmount });
    await queue.drain();
    const speeds = `API ${Math.round(singles)}/s, in batches ${Math.round(batched)}/s, Queue.add ${Math.round(added)}/s`;
    log(`accepting, turn ${turn} of ${sizes.turns}: ${speeds}`);
  }
  await client.close();
  await bare.stop();
  const bareSpeed = Math.round(median(bareSpeeds)).toLocaleString('en-US');
  results.notes.push(
    `A server of Node.js alone that parses the JSON of the same request answered ${bareSpeed} requests/s to as many clients.`,
  );
}

async function mailsPerSecond(mails: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (mails * 1000) / (performance.now() - began);
}

/** The same, and what a process and Redis used. @param pid of the process that accepts the mails */
export async function rate(
  { posthouse, results }: Context,
  way: string,
  pid: number,
  mails: number,
  work: () => Promise<void>,
): Promise<number> {
  const [cpu, redis] = [await cpuTime(pid), await redisUsage(posthouse.redis)];
  const speed = await mailsPerSecond(mails, work);
  const [cpuAfter, redisAfter] = [await cpuTime(pid), await redisUsage(posthouse.redis)];
  results.costs.push({
    way,
    mailsPerSecond: speed,
    process: (cpuAfter.process - cpu.process) / mails,
    mainThread: (cpuAfter.mainThread - cpu.mainThread) / mails,
    redis: (redisAfter.cpu - redis.cpu) / mails,
    smtp: 0,
    commands: (redisAfter.commands - redis.commands) / mails,
  });
  return speed;
}
