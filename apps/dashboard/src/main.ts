/** The dashboard process: `node apps/dashboard/dist/main.js`. */
import { durations } from '@posthouse/contract';
import { createLogger, logStyle, runProcess } from '@posthouse/runtime';
import { createDashboard, readConfig } from './dashboard.ts';

const usage = `Usage: npm run dashboard

Serves the web pages for operators.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings: durations.timings }, async () => {
  const config = readConfig();
  const log = createLogger('dashboard', config.logLevel, logStyle(config.logFormat, process.stdout));
  return { service: await createDashboard(config, durations, log), log };
});
