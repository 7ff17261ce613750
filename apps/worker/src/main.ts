/** A worker process: `node apps/worker/dist/main.js`. Start as many as you like. */
import { waits } from '@posthouse/contract';
import { createLogger, live } from '@posthouse/runtime';
import { createWorker, readConfig } from './worker.ts';

await live(process, async () => {
  const config = readConfig();
  return await createWorker(config, waits, createLogger('worker', config.logLevel, process.stdout.isTTY));
});
