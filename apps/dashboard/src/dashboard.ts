/** The dashboard: it reads records and changes them through packages/queue. It never sends a mail itself. */
import type { Durations, Service } from '@posthouse/contract';
import { RequestConnection, Sealer, TemplateSetReporter, UserDirectory } from '@posthouse/queue';
import { HttpService, type Logger, ServiceGroup } from '@posthouse/runtime';
import { LiveTemplateSet } from '@posthouse/templates/catalogue';
import { loadRenderer } from '@posthouse/templates/render';
import type { DashboardConfig } from './config.ts';
import { buildDashboard } from './server/dashboard-app.ts';

export { type DashboardConfig, readConfig } from './config.ts';

/** Wires the dashboard: the connection first, then the server. @throws TemplateError for an invalid template set */
export async function createDashboard(config: DashboardConfig, durations: Durations, log: Logger): Promise<Service> {
  const { host, port, users, oidc, trustedProxies } = config;
  const templates = await LiveTemplateSet.load({
    dir: config.templatesDir,
    load: loadRenderer,
    timings: durations.timings.templateSet,
    log,
  });
  const connection = new RequestConnection(
    config.redisUrl,
    new Sealer(config.secret),
    durations,
    (event, fields) => log.warn(fields, event),
    config.redisAccess,
  );
  const reporter = new TemplateSetReporter(connection, 'dashboard', templates);
  templates.onChange = () => reporter.report();
  const server = new HttpService(() => buildDashboard({ connection, users, oidc, trustedProxies, templates, log }), {
    name: 'dashboard',
    host,
    port,
    log,
    portVariable: 'DASHBOARD_PORT',
  });
  const userCheck: Service = {
    name: 'check for users',
    start: async () => void warnWithoutUsers(connection, config, log).catch(() => undefined),
    stop: async () => undefined,
  };
  return new ServiceGroup('dashboard', [connection, templates, reporter, server, userCheck], durations.timings.stop);
}

/** Logs how to make the first user, once Redis is reached, where there is none. */
async function warnWithoutUsers(connection: RequestConnection, { users, oidc }: DashboardConfig, log: Logger): Promise<void> {
  if (users.size > 0 || oidc !== undefined) return;
  await connection.whenReady();
  if ((await new UserDirectory(connection).count()) === 0)
    log.warn({ fix: 'npm run users -- create <name> --role admin' }, 'there is no user: nobody can sign in');
}
