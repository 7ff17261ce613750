/** The dashboard process: `node apps/dashboard/dist/main.js`. */
import { durations } from '@posthouse/contract';
import { createLogger, logStyle, runProcess } from '@posthouse/runtime';
import { createDashboard, readConfig } from './dashboard.ts';

const usage = `Usage: npm run dashboard

Serves the web pages for operators.
Configured by environment variables and, outside production, by .env: "Configuration" in README.md lists them.`;

await runProcess(process, { usage, timings: durations.timings }, async () => {
  const config = readConfig();
  return await createDashboard(config, durations, createLogger('dashboard', config.logLevel, logStyle(config.logFormat, process.stdout)));
});
