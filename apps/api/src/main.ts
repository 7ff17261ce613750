/** The API process: `node apps/api/dist/main.js`. */
import { waits } from '@posthouse/contract';
import { createLogger, live } from '@posthouse/runtime';
import { createApi, readConfig } from './api.ts';

await live(process, async () => {
  const config = readConfig();
  return await createApi(config, waits, createLogger('api', config.logLevel, process.stdout.isTTY));
});
