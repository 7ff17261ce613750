/** `/livez` says that the process answers; `/readyz` that it can accept mail. */
import type { MailQueue } from '@posthouse/queue';
import type { FastifyPluginAsync } from 'fastify';

/** The routes that an orchestrator asks. */
export function healthRoutes(queue: MailQueue): FastifyPluginAsync {
  return async (app) => {
    app.get('/livez', { schema: { hide: true } }, async () => ({ status: 'ok' }));
    app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
      const redis = await queue.isReady();
      return reply.code(redis ? 200 : 503).send({ status: redis ? 'ok' : 'unavailable', redis });
    });
  };
}
