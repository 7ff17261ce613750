/** Wires the dashboard: the connection first, then the server that needs it. */
import type { Service, Waits } from '@posthouse/contract';
import { RequestConnection, Sealer } from '@posthouse/queue';
import { type Logger, ServiceGroup } from '@posthouse/runtime';
import { loadRenderer } from '@posthouse/templates/render';
import type { DashboardConfig } from './config.ts';
import { DashboardServer } from './dashboard-server.ts';

/** @throws TemplateFault when the template set is faulty */
export async function createDashboard(config: DashboardConfig, waits: Waits, log: Logger): Promise<Service> {
  const { host, port, users } = config;
  const renderer = await loadRenderer(config.templatesDir);
  const connection = new RequestConnection(config.redisUrl, new Sealer(config.secret), waits, (trouble) => log.warn(trouble));
  const server = new DashboardServer({ connection, users, renderer, log }, { host, port });
  return new ServiceGroup('dashboard', [connection, server], waits.stop);
}
