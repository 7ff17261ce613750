/**
 * The HTTP server of the API: routes, documentation and error handling around one queue. `buildApi` builds it without listening, so that
 * tests can call it through `inject`. It serves, and reports itself as not ready, while Redis is down.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { limits, schemaValidator, type Timings } from '@posthouse/contract';
import { type ApiKeyRegistry, type AuditLog, describeRedisState, type MailList, type MailQueue, type QueueMeter } from '@posthouse/queue';
import { addHealthRoutes, addRequestLimits, answerUnreadable, httpServerOptions, type Logger } from '@posthouse/runtime';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import helmet from 'helmet';
import { Admission } from './admission.ts';
import { registerDocs } from './api-docs.ts';
import { requireRights } from './authentication.ts';
import { healthSchemas } from './health-schemas.ts';
import { acceptJsonOnly } from './json-body.ts';
import { mailActionRoutes } from './mail-action-routes.ts';
import { mailCopyRoute } from './mail-copy-route.ts';
import { mailListRoutes } from './mail-list-routes.ts';
import { mailRescheduleRoute } from './mail-reschedule-route.ts';
import { mailRoutes } from './mail-routes.ts';
import type { ValidationRules } from './mail-validation.ts';
import { type ApiMetrics, metricsRoutes } from './metrics.ts';
import { describeUnreadable, Problem, ProblemSchema, sendProblem } from './problem.ts';
import { addRequestIds, requestIdOf } from './request-id.ts';
import { templateRoutes } from './template-routes.ts';
import { addTracing } from './tracing.ts';
import { answerUnknownRoutes } from './unknown-route.ts';

/** What the API works with. */
export interface ApiParts {
  queue: MailQueue;
  list: MailList;
  audit: AuditLog;
  rules: ValidationRules;
  keys: ApiKeyRegistry;
  metrics: ApiMetrics;
  meter: QueueMeter;
  timings: Timings;
  /** Addresses and networks of the proxies whose X-Forwarded headers are believed. */
  trustedProxies: readonly string[];
  /** What `/readyz` says of the template set. */
  templateHealth: () => { templateSet: string; detail?: string };
  log: Logger;
  /** Counts the mails that are being accepted; default: one with the limits of contract. */
  admission?: Admission;
}

/** Builds the API without listening. */
export async function buildApi(parts: ApiParts): Promise<FastifyInstance> {
  const {
    queue,
    list,
    audit,
    rules,
    keys,
    metrics,
    meter,
    timings,
    trustedProxies,
    templateHealth,
    log,
    admission = new Admission(),
  } = parts;
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    bodyLimit: limits.requestBytes,
    // A URL can contain an address, so Fastify's request log stays off and the hook below logs the route instead.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    ...httpServerOptions(timings.http),
    genReqId: requestIdOf,
    trustProxy: [...trustedProxies],
    // An undecodable URL matches no route and does not reach the error handler otherwise.
    frameworkErrors: sendProblem,
    clientErrorHandler: answerUnreadable(describeUnreadable(log)),
    forceCloseConnections: 'idle',
    // Fastify's own 503 is no problem document; the hook below answers in its place.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  addRequestLimits(app, timings.http);
  addRequestIds(app);
  addTracing(app);
  refuseWhileStopping(app);
  app.setValidatorCompiler(({ schema }) => schemaValidator(schema as object));
  app.setErrorHandler(sendProblem);
  acceptJsonOnly(app);
  answerUnknownRoutes(app);
  app.addHook('onResponse', (request, reply, done) => {
    metrics.answered(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime);
    if (log.isLevelEnabled('debug')) {
      const { method } = request;
      const fields = { method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      request.log.debug(fields, 'request finished');
    }
    done();
  });
  const securityHeaders = makeSecurityHeaders();
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  app.addSchema(ProblemSchema);
  await registerDocs(app);
  addHealthRoutes(
    app,
    async () => ({ ...templateHealth(), ...describeRedisState(await queue.redisState()) }),
    (route) => ({ schema: healthSchemas[route] }),
  );
  await app.register(
    async (v1) => {
      requireRights(v1, keys);
      await v1.register(mailRoutes({ queue, list, rules, admission, metrics }, timings.http.turn));
      await v1.register(mailListRoutes(list));
      await v1.register(mailActionRoutes(queue, audit, metrics));
      await v1.register(mailRescheduleRoute({ queue, audit, metrics }, rules.templates));
      await v1.register(mailCopyRoute({ queue, audit, rules, admission, metrics }));
      await v1.register(templateRoutes(rules.templates));
    },
    { prefix: '/v1' },
  );
  await app.register(async (root) => {
    requireRights(root, keys);
    metricsRoutes(root, metrics, meter);
  });
  return app;
}

/** Requests that are in progress are answered; further ones on the same connections are not begun. */
function refuseWhileStopping(app: FastifyInstance): void {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    if (isStopping) done(new Problem('stopping', 'This process of the API is stopping. Nothing was accepted or changed. Try again.'));
    else done();
  });
}

/** What helmet sets: the same for every answer, so it is asked once. */
function makeSecurityHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  const setHeaders = helmet({
    // The proxy in front terminates TLS, so Strict-Transport-Security is its decision.
    hsts: false,
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
  });
  setHeaders({} as IncomingMessage, answer as unknown as ServerResponse, () => undefined);
  return headers;
}
