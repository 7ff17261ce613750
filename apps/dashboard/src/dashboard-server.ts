/**
 * The HTTP server: pages and errors around one connection to Redis. `buildDashboard` builds it without listening, so that it
 * can be asked without a socket; it starts, and says so, while Redis is away.
 */
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import type { Service } from '@posthouse/contract';
import { AuditLog, Sessions } from '@posthouse/queue';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { guard } from './access.ts';
import { assetRoutes } from './asset-routes.ts';
import { auditRoutes } from './audit-routes.tsx';
import { boardRoutes } from './board-routes.ts';
import { bulkRoutes } from './bulk-routes.tsx';
import type { DashboardParts } from './dashboard-parts.ts';
import { failureRoutes } from './failure-routes.tsx';
import { healthRoutes } from './health-routes.ts';
import { answerError, HttpError } from './http-error.tsx';
import { mailListRoutes } from './mail-list-routes.tsx';
import { mailRoutes } from './mail-routes.tsx';
import { overviewRoutes } from './overview-routes.tsx';
import { queueRoutes } from './queue-routes.tsx';
import { searchRoutes } from './search-routes.tsx';
import { signInRoutes } from './sign-in-routes.tsx';

/** Bytes: a form here holds some ids and a filter. */
const largestForm = 64 * 1024;

/** Nothing runs, loads or is sent to but what is ours; and no page of ours may stand in another one's frame. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'"],
    'frame-src': ["'self'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};

/** The dashboard, ready to be asked with `inject` or to listen. */
export async function buildDashboard(parts: DashboardParts): Promise<FastifyInstance> {
  const { connection, users, log } = parts;
  const sessions = new Sessions(connection);
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    bodyLimit: largestForm,
    // A URL may carry an address, so requests are logged by their route (below).
    logController: new LogController({ disableRequestLogging: true }),
    // Of a proxy nearby is believed who asks, and that they came by https.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    // A page that is kept fresh stays connected for as long as it is open; a stop does not wait for it.
    forceCloseConnections: true,
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(() => {
    throw new HttpError(404, 'There is no such page', 'What was here may have been kept long enough and be gone.');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    request.log.debug({ method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
  });
  await app.register(helmet, {
    // TLS, and what it promises, is for the proxy in front.
    hsts: false,
    originAgentCluster: false,
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy,
  });
  await app.register(cookie);
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: largestForm });
  guard(app, sessions, users);
  await app.register(assetRoutes());
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
