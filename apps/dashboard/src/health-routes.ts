/** `/livez` says that the process answers; `/readyz` that it can read the queue. */
import type { RequestConnection } from '@posthouse/queue';
import type { FastifyPluginAsync } from 'fastify';

/** The routes that an orchestrator asks. */
export function healthRoutes(connection: RequestConnection): FastifyPluginAsync {
  return async (app) => {
    app.get('/livez', { config: { role: 'anyone' } }, async () => ({ status: 'ok' }));
    app.get('/readyz', { config: { role: 'anyone' } }, async (_request, reply) => {
      const redis = await connection.isReady();
      return reply.code(redis ? 200 : 503).send({ status: redis ? 'ok' : 'unavailable', redis });
    });
  };
}
