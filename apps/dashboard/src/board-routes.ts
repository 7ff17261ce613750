/**
 * `/queue/board/`: BullMQ's jobs as they are, on a board that is not ours. It only reads; it stands behind the same sign-in, for
 * admins; and it is allowed no more than our own pages are.
 */

import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { HttpError } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { answerError } from './http-error.tsx';

const path = '/queue/board';

/** In its page: a font from elsewhere, and styles of its first moment. Our policy refuses both, and it looks well without them. */
const refused = /<link href="https:[^>]*>|<style>.*?<\/style>| style="[^"]*"/gs;

/** The routes. */
export function boardRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  return async (app) => {
    const adapter = new FastifyAdapter();
    createBullBoard({
      queues: [new BullMQAdapter(connection.rawQueue, { readOnlyMode: true, description: 'Read only' })],
      serverAdapter: adapter,
      options: {
        uiConfig: {
          boardTitle: 'Posthouse: raw board',
          favIcon: { default: '/assets/favicon.svg', alternative: '/assets/favicon.svg' },
          miscLinks: [{ text: 'Back to the queue', url: '/queue' }],
          hideDocsLink: true,
          // Otherwise each look asks Redis for a list of all of its clients.
          showWorkers: false,
        },
      },
    });
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'admin' };
      route.errorHandler = answerError;
    });
    app.addHook('onRequest', async (request, reply) => {
      if (!['GET', 'HEAD'].includes(request.method)) throw new HttpError(405, 'The board only reads', 'Nothing was done.');
      // It finds its files by a base.
      const policy = String(reply.getHeader('content-security-policy'));
      reply.header('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
    });
    app.addHook('onSend', async (_request, reply, payload) => {
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string';
      return isPage ? payload.replace(refused, '') : payload;
    });
    await app.register(adapter.setBasePath(path).registerPlugin(), { prefix: path });
  };
}
