/** The dashboard process: `node apps/dashboard/dist/main.js`. */
import { durations } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createDashboard, readConfig } from './dashboard.ts';

await runProcess(process, durations.timings, async () => {
  const config = readConfig();
  return await createDashboard(config, durations, createLogger('dashboard', config.logLevel, process.stdout.isTTY));
});
