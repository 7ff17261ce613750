/**
 * The HTTP server: routes, documentation and errors around one queue. `buildApi` builds it without listening, so
 * that it can be asked without a socket; it starts, and says so, while Redis is away.
 */
import helmet from '@fastify/helmet';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { limits, schemaValidator } from '@posthouse/contract';
import type { MailList, MailQueue } from '@posthouse/queue';
import { addHealthRoutes, type Logger } from '@posthouse/runtime';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { registerDocs } from './api-docs.ts';
import { authenticate } from './authentication.ts';
import { changeRoutes } from './mail-action-routes.ts';
import { mailListRoutes } from './mail-list-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import type { ValidationRules } from './mail-validation.ts';
import { answerProblem, Problem } from './problem.ts';
import { templateRoutes } from './template-routes.ts';

/** What the API is built of. */
export interface ApiParts {
  queue: MailQueue;
  list: MailList;
  rules: ValidationRules;
  keys: ReadonlyMap<string, string>;
  log: Logger;
}

/** The API, ready to be asked with `inject` or to listen. */
export async function buildApi({ queue, list, rules, keys, log }: ApiParts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    bodyLimit: limits.requestBytes,
    // A URL may carry an address, so requests are logged by their route (below).
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 60_000,
    // A URL that cannot be read never reaches a route; its answer is a problem as well.
    frameworkErrors: answerProblem,
    forceCloseConnections: 'idle',
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(({ schema }) => schemaValidator(schema as object));
  app.setErrorHandler(answerProblem);
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler(() => {
    throw new Problem('notFound', 'This API has no such path or method. See /docs.');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    request.log.debug({ method, route: request.routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
  });
  await app.register(helmet, {
    // TLS, and what it promises, is for the proxy in front.
    hsts: false,
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
  });
  await registerDocs(app, '1.0.0');
  addHealthRoutes(app, () => queue.isReady(), { schema: { hide: true } });
  await app.register(
    async (v1) => {
      v1.decorateRequest('apiKey', '');
      v1.addHook('onRequest', async (request) => {
        request.apiKey = authenticate(keys, request);
      });
      await v1.register(mailRoutes(queue, rules));
      await v1.register(mailListRoutes(list));
      await v1.register(changeRoutes(queue));
      await v1.register(templateRoutes(rules.catalogue));
    },
    { prefix: '/v1' },
  );
  return app;
}
