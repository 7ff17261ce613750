/** A worker process: `node apps/worker/dist/main.js`. Start as many as you like. */
import { timings } from '@posthouse/contract';
import { createLogger, logStyle, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from './worker.ts';

const usage = `Usage: npm run worker

Sends the mails that are due. Any number of workers can run side by side.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings }, async () => {
  const config = readConfig();
  const log = createLogger('worker', config.logLevel, logStyle(config.logFormat, process.stdout));
  return { service: await createWorker(config, { timings, retention: config.retention }, log), log };
});
