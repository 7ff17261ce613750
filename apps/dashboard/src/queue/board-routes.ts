/**
 * `/queue/board/`: BullMQ's jobs, shown by bull-board. Read only, for admins, and under the same content security policy as our own pages
 * but for the base URL that it sets.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { RequestConnection } from '@posthouse/queue';
import { HttpError } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { answerError } from '../ui/error-page.tsx';
import { t } from '../ui/translate.ts';

const path = '/queue/board';

/** Parts of its page that the policy would block anyway: a font of another server, and inline styles. It looks right without them. */
const blocked = /<link href="https:[^>]*>|<style>.*?<\/style>| style="[^"]*"/gs;

/** @returns the routes, as a plugin */
export function boardRoutes(connection: RequestConnection): FastifyPluginAsync {
  return async (app) => {
    const adapter = new FastifyAdapter();
    createBullBoard({
      queues: [new BullMQAdapter(connection.rawQueue, { readOnlyMode: true, description: 'Read only' })],
      serverAdapter: adapter,
      options: {
        uiConfig: {
          boardTitle: 'Posthouse: BullMQ jobs',
          favIcon: { default: '/assets/favicon.svg', alternative: '/assets/favicon.svg' },
          miscLinks: [{ text: 'Back to the queue', url: '/queue' }],
          hideDocsLink: true,
          // Otherwise each update asks Redis for the list of all its clients.
          showWorkers: false,
        },
      },
    });
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'admin' };
      route.errorHandler = answerError;
    });
    app.addHook('onRequest', async (request, reply) => {
      if (!['GET', 'HEAD'].includes(request.method))
        throw new HttpError(405, t('Read only'), t('This page cannot change jobs. Nothing was changed.'));
      // Its pages and answers are for admins only.
      reply.header('cache-control', 'no-store');
      const policy = String(reply.getHeader('content-security-policy'));
      reply.header('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
    });
    app.addHook('onSend', async (_request, reply, payload) => {
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string';
      return isPage ? payload.replace(blocked, '') : payload;
    });
    await app.register(adapter.setBasePath(path).registerPlugin(), { prefix: path });
  };
}
