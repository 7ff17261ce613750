/** The first page: how it goes. */
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { OverviewPage } from './pages/overview-page.tsx';
import { sendPage } from './pages/send-page.ts';

/** The routes. */
export function overviewRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  return async (app) => {
    app.get('/', async (request, reply) => sendPage(reply, <OverviewPage reader={request.reader} redis={await connection.isReady()} />));
  };
}
