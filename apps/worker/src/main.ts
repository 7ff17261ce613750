/** A worker process: `node apps/worker/dist/main.js`. Start as many as you like. */
import { durations } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from './worker.ts';

await runProcess(process, durations.timings, async () => {
  const config = readConfig();
  return await createWorker(config, durations, createLogger('worker', config.logLevel, process.stdout.isTTY));
});
