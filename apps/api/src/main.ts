/** The API process: `node apps/api/dist/main.js`. */
import { timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createApi, readConfig } from './api.ts';

await runProcess(process, async () => {
  const config = readConfig();
  return await createApi(config, timings, createLogger('api', config.logLevel, process.stdout.isTTY));
});
