/** A worker process: `node apps/worker/dist/main.js`. Start as many as you like. */
import { timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from './worker.ts';

await runProcess(process, async () => {
  const config = readConfig();
  return await createWorker(config, timings, createLogger('worker', config.logLevel, process.stdout.isTTY));
});
