/** Wires the dashboard: the connection first, then those who need it: the one that carries out bulk work, and the server. */
import type { Durations, Service } from '@posthouse/contract';
import { BulkRunner, RequestConnection, Sealer } from '@posthouse/queue';
import { type Logger, ServiceGroup } from '@posthouse/runtime';
import { loadRenderer } from '@posthouse/templates/render';
import type { DashboardConfig } from './config.ts';
import { DashboardServer } from './dashboard-server.ts';

/** @throws TemplateError when the template set is faulty */
export async function createDashboard(config: DashboardConfig, durations: Durations, log: Logger): Promise<Service> {
  const { host, port, users } = config;
  const renderer = await loadRenderer(config.templatesDir);
  const connection = new RequestConnection(config.redisUrl, new Sealer(config.secret), durations, (trouble) => log.warn(trouble));
  const runner = new BulkRunner(connection, (what, error) =>
    log.error({ err: { message: error.message, stack: error.stack } }, `a fault befell ${what}`),
  );
  const server = new DashboardServer({ connection, users, renderer, log }, { host, port });
  return new ServiceGroup('dashboard', [connection, runner, server], durations.timings.stop);
}
