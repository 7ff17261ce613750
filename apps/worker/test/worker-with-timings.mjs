/**
 * A worker process as in production but with waits that a test can sit out: `node worker-with-timings.mjs '{"retry":[50]}'`.
 * Timings are handed to constructors and have no environment knob, so a scaled worker needs an entry of its own.
 */
import { retention, timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createWorker, readConfig } from '../dist/worker.js';

/** @type {(wait: any, scaled: any) => any} */
const scale = (wait, scaled) => (typeof wait === 'object' && !Array.isArray(wait) ? { ...wait, ...scaled } : (scaled ?? wait));

await runProcess(process, timings, async () => {
  const config = readConfig();
  const scaled = JSON.parse(process.argv[2] ?? '{}');
  /** @type {any} */
  const merged = Object.fromEntries(Object.entries(timings).map(([name, wait]) => [name, scale(wait, scaled[name])]));
  return await createWorker(config, { timings: merged, retention }, createLogger('worker', config.logLevel));
});
