/**
 * The HTTP server: pages and errors around one connection to Redis. `buildDashboard` builds it without listening, so that it
 * can be asked without a socket; it starts, and says so, while Redis is away.
 */

import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import type { Service } from '@posthouse/contract';
import { AuditLog, Sessions } from '@posthouse/queue';
import { createWebApp, HttpError } from '@posthouse/web';
import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { guard } from './access.ts';
import { dashboardAssets } from './asset-routes.ts';
import { auditRoutes } from './audit-routes.tsx';
import { boardRoutes } from './board-routes.ts';
import { bulkRoutes } from './bulk-routes.tsx';
import type { DashboardParts } from './dashboard-parts.ts';
import { failureRoutes } from './failure-routes.tsx';
import { healthRoutes } from './health-routes.ts';
import { answerError } from './http-error.tsx';
import { mailListRoutes } from './mail-list-routes.tsx';
import { mailRoutes } from './mail-routes.tsx';
import { overviewRoutes } from './overview-routes.tsx';
import { queueRoutes } from './queue-routes.tsx';
import { searchRoutes } from './search-routes.tsx';
import { signInRoutes } from './sign-in-routes.tsx';

/** Bytes: a form has at most some ids and a filter. */
const maxFormBytes = 64 * 1024;

/** Builds the dashboard without listening; tests send requests to it with `inject`. */
export async function buildDashboard(parts: DashboardParts): Promise<FastifyInstance> {
  const { connection, users, log } = parts;
  const sessions = new Sessions(connection);
  const app = await createWebApp({
    maxFormBytes,
    errorHandler: answerError,
    notFound: () => new HttpError(404, 'Page not found', 'The link may be wrong, or the record may have expired.'),
    server: {
      loggerInstance: log as FastifyBaseLogger,
      // A URL may contain an address, so requests are logged by their route (below).
      logController: new LogController({ disableRequestLogging: true }),
      // Client address and scheme are taken from a proxy on a private network.
      trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    request.log.debug(
      { method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request answered',
    );
  });
  await app.register(cookie);
  guard(app, sessions, users);
  await app.register(dashboardAssets());
  await app.register(healthRoutes(connection));
  await app.register(signInRoutes(sessions, users, new AuditLog(connection)));
  await app.register(overviewRoutes(parts));
  await app.register(mailListRoutes(parts));
  await app.register(mailRoutes(parts));
  await app.register(searchRoutes(parts));
  await app.register(failureRoutes(parts));
  await app.register(bulkRoutes(parts));
  await app.register(queueRoutes(parts));
  await app.register(boardRoutes(parts));
  await app.register(auditRoutes(parts));
  return app;
}

/** The dashboard as a service that listens. */
export class DashboardServer implements Service {
  readonly name = 'dashboard';
  readonly #parts: DashboardParts;
  readonly #listen: { host: string; port: number };
  #app: FastifyInstance | undefined;

  constructor(parts: DashboardParts, listen: { host: string; port: number }) {
    this.#parts = parts;
    this.#listen = listen;
  }

  async start(): Promise<void> {
    const { host, port } = this.#listen;
    this.#app = await buildDashboard(this.#parts);
    await this.#app
      .listen({ host, port, listenTextResolver: () => `dashboard listens on ${host}` })
      .catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EADDRINUSE'
          ? Object.assign(new Error(`${host}:${port} is taken by another process. Set DASHBOARD_PORT to a free one.`), {
              syscall: 'listen',
            })
          : error;
      });
    const { port: listening } = this.#app.server.address() as AddressInfo;
    this.#parts.log.info({ port: listening, users: this.#parts.users.size }, `ready on http://${host}:${listening}`);
  }

  async stop(): Promise<void> {
    await this.#app?.close();
  }
}
