/** The dashboard process: `node apps/dashboard/dist/main.js`. */
import { waits } from '@posthouse/contract';
import { createLogger, live } from '@posthouse/runtime';
import { createDashboard, readConfig } from './dashboard.ts';

await live(process, async () => {
  const config = readConfig();
  return await createDashboard(config, waits, createLogger('dashboard', config.logLevel, process.stdout.isTTY));
});
