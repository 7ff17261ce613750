/** The dashboard process: `node apps/dashboard/dist/main.js`. */
import { timings } from '@posthouse/contract';
import { createLogger, runProcess } from '@posthouse/runtime';
import { createDashboard, readConfig } from './dashboard.ts';

await runProcess(process, async () => {
  const config = readConfig();
  return await createDashboard(config, timings, createLogger('dashboard', config.logLevel, process.stdout.isTTY));
});
