/**
 * A worker process as in production but with short timings: `node worker-with-timings.mjs '{"retry":[50]}'`. Timings are handed to
 * constructors and have no environment variable, so a scaled worker needs its own entry point.
 */
import { timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from '../dist/worker.js';
import { mergedTimings } from './merged-timings.mjs';

await runProcess(process, { usage: 'Usage: worker-with-timings.mjs [timings as JSON]', timings }, async () => {
  const config = readConfig();
  const scaled = mergedTimings(JSON.parse(process.argv[2] ?? '{}'));
  const log = createLogger('worker', config.logLevel);
  return { service: await createWorker(config, { timings: scaled, retention: config.retention }, log), log };
});
