/**
 * A worker process as in production but with short timings: `node worker-with-timings.mjs '{"retry":[50]}'`. Timings are handed to
 * constructors and have no environment variable, so a scaled worker needs its own entry point.
 */
import { timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from '../dist/worker.js';

/** @type {(timing: any, scaled: any) => any} */
const scale = (timing, scaled) => (typeof timing === 'object' && !Array.isArray(timing) ? { ...timing, ...scaled } : (scaled ?? timing));

await runProcess(process, { usage: 'Usage: worker-with-timings.mjs [timings as JSON]', timings }, async () => {
  const config = readConfig();
  const scaled = JSON.parse(process.argv[2] ?? '{}');
  /** @type {any} */
  const merged = Object.fromEntries(Object.entries(timings).map(([name, timing]) => [name, scale(timing, scaled[name])]));
  return await createWorker(config, { timings: merged, retention: config.retention }, createLogger('worker', config.logLevel));
});
