/** The API process: `node apps/api/dist/main.js`. */
import { durations } from '@posthouse/contract';
import { createLogger, logStyle, runProcess } from '@posthouse/runtime';
import { createApi } from './api.ts';
import { readConfig } from './config.ts';

const usage = `Usage: npm run api

Accepts mails over HTTP and stores them in Redis.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings: durations.timings }, async () => {
  const config = readConfig();
  const log = createLogger('api', config.logLevel, logStyle(config.logFormat, process.stdout));
  return { service: await createApi(config, durations, log), log };
});
