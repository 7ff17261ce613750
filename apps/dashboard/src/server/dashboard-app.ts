/** The Fastify app of the dashboard: access control, then the routes of each feature. It is built without listening. */
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import { describeRedisState, type RequestConnection, Sessions, UserDirectory } from '@posthouse/queue';
import { addHealthRoutes, type Logger } from '@posthouse/runtime';
import type { LiveTemplateSet } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { assetRoutes, createWebApp, HttpError } from '@posthouse/web';
import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { accountRoutes } from '../account/account-routes.tsx';
import { auditRoutes } from '../audit/audit-page.tsx';
import { bulkRoutes } from '../bulk/bulk-routes.tsx';
import { failureRoutes } from '../failures/failures-page.tsx';
import { keyRoutes } from '../keys/key-routes.tsx';
import { mailListRoutes } from '../mail-list/mail-list-page.tsx';
import { searchRoutes } from '../mail-list/search-page.tsx';
import { copyRoutes } from '../mails/copy-routes.tsx';
import { mailRoutes } from '../mails/mail-routes.tsx';
import { rescheduleRoutes } from '../mails/reschedule-routes.tsx';
import { overviewRoutes } from '../overview/overview-page.tsx';
import { providerRoutes } from '../providers/provider-page.tsx';
import { boardRoutes } from '../queue/board-routes.ts';
import { pauseRoutes } from '../queue/pause-routes.tsx';
import { queueRoutes } from '../queue/queue-page.tsx';
import { Accounts } from '../sign-in/accounts.ts';
import { oidcRoutes } from '../sign-in/oidc-routes.tsx';
import { type OidcSettings, oidcProof } from '../sign-in/oidc-settings.ts';
import { PasswordCheck } from '../sign-in/password-check.ts';
import { signInRoutes } from '../sign-in/sign-in-routes.tsx';
import type { Users } from '../sign-in/users.ts';
import { templateRoutes } from '../templates/template-routes.tsx';
import { answerError } from '../ui/error-page.tsx';
import { SystemStatusReader } from '../ui/system-status.ts';
import { addLanguage, t } from '../ui/translate.ts';
import { userRoutes } from '../users/user-routes.tsx';
import { requireAccess } from './access.ts';

/** What the dashboard is built of. */
export interface DashboardParts {
  connection: RequestConnection;
  /** Those of DASHBOARD_USERS. */
  users: Users;
  /** Single sign-on, where it is configured. */
  oidc?: OidcSettings | undefined;
  /** Addresses and networks of the proxies whose X-Forwarded headers are believed. */
  trustedProxies: readonly string[];
  templates: Pick<LiveTemplateSet<Renderer>, 'current' | 'since' | 'refused' | 'health'>;
  log: Logger;
}

/** Bytes: a form has at most some ids and a filter. */
const maxFormBytes = 64 * 1024;

/** Scripts and styles of npm packages, by their name under /assets/. */
const packaged = {
  'htmx.js': 'htmx.org/dist/htmx.min.js',
  'htmx-sse.js': 'htmx.org/dist/ext/hx-sse.min.js',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

export async function buildDashboard({
  connection,
  users,
  oidc,
  trustedProxies,
  templates,
  log,
}: DashboardParts): Promise<FastifyInstance> {
  const sessions = new Sessions(connection);
  const accounts = new Accounts(users, new UserDirectory(connection), oidc && oidcProof(oidc));
  const app = await createWebApp({
    maxFormBytes,
    timings: connection.timings.http,
    errorHandler: answerError,
    notFound: () => new HttpError(404, t('Page not found'), t('The link may be wrong, or the record may have expired.')),
    server: {
      loggerInstance: log as FastifyBaseLogger,
      // A URL may contain an address, so requests are logged by their route (below).
      logController: new LogController({ disableRequestLogging: true }),
      trustProxy: [...trustedProxies],
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const ms = Math.round(reply.elapsedTime);
    request.log.debug({ method, route: request.routeOptions.url, status: reply.statusCode, ms }, 'request answered');
  });
  await app.register(cookie);
  addLanguage(app, connection.timings.dashboard);
  const status = new SystemStatusReader(connection);
  requireAccess(app, sessions, accounts, status);
  await app.register(async (open) => {
    open.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'anyone' };
    });
    await open.register(dashboardAssets());
    addHealthRoutes(
      open,
      async () => ({ ...templates.health(), ...describeRedisState(await connection.state()) }),
      () => ({}),
    );
  });
  const passwords = new PasswordCheck(connection, accounts);
  await app.register(signInRoutes(connection, accounts, passwords, oidc));
  if (oidc !== undefined) await app.register(oidcRoutes(connection, oidc));
  await app.register(accountRoutes(connection, accounts, passwords));
  await app.register(userRoutes(connection, accounts));
  await app.register(overviewRoutes(connection, status));
  await app.register(mailListRoutes(connection, templates));
  await app.register(mailRoutes(connection, templates, status));
  await app.register(copyRoutes(connection, templates));
  await app.register(rescheduleRoutes(connection, templates));
  await app.register(searchRoutes(connection, templates));
  await app.register(failureRoutes(connection));
  await app.register(bulkRoutes(connection));
  await app.register(queueRoutes(connection, status));
  await app.register(pauseRoutes(connection, templates));
  await app.register(providerRoutes(connection, status));
  await app.register(templateRoutes(connection, templates));
  await app.register(boardRoutes(connection));
  await app.register(keyRoutes(connection));
  await app.register(auditRoutes(connection));
  return app;
}

function dashboardAssets() {
  const files = Object.entries(packaged).map(([name, specifier]) => [name, fileURLToPath(import.meta.resolve(specifier))]);
  return assetRoutes({ folder: new URL('../../assets', import.meta.url), packaged: Object.fromEntries(files) });
}
