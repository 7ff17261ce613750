/** A worker process: `node apps/worker/dist/main.js`. Start as many as you like. */
import { durations } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from './worker.ts';

const usage = `Usage: npm run worker

Sends the mails that are due. Any number of workers can run side by side.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings: durations.timings }, async () => {
  const config = readConfig();
  return await createWorker(config, durations, createLogger('worker', config.logLevel, process.stdout.isTTY));
});
