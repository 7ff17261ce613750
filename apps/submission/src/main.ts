/** The process of SMTP submission: `node apps/submission/dist/main.js`. Start as many as you like. */
import { durations } from '@posthouse/contract';
import { createLogger, logStyle, runProcess } from '@posthouse/runtime';
import { createSubmission, readConfig } from './submission.ts';

const usage = `Usage: npm run submission

Accepts mails over SMTP, with an API key as the password, and stores them in Redis.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings: durations.timings }, async () => {
  const config = readConfig();
  const log = createLogger('submission', config.logLevel, logStyle(config.logFormat, process.stdout));
  return { service: await createSubmission(config, durations, log), log };
});
