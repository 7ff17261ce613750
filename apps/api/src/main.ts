/** The API process: `node apps/api/dist/main.js`. */
import { durations } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createApi } from './api.ts';
import { readConfig } from './config.ts';

await runProcess(process, durations.timings, async () => {
  const config = readConfig();
  return await createApi(config, durations, createLogger('api', config.logLevel, process.stdout.isTTY));
});
