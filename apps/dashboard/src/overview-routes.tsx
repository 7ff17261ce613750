/** The first page, and the stream that keeps it fresh. */

import { setTimeout as pass } from 'node:timers/promises';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { sendLive } from './live-stream.ts';
import { OverviewCache } from './overview.ts';
import { OverviewPage, OverviewParts } from './pages/overview-page.tsx';

/** ms between two looks of somebody who watches. */
const every = 2000;

/** The routes. */
export function overviewRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const reading = new OverviewCache(connection, every);
  return async (app) => {
    app.get('/', async ({ context }, reply) => sendPage(reply, <OverviewPage context={context} overview={await reading.now()} />));

    app.get('/overview/live', (request, reply) =>
      sendLive(request, reply, async function* (gone) {
        for (;;) {
          yield await (<OverviewParts context={request.context} overview={await reading.now()} />);
          await pass(every, undefined, { signal: gone });
        }
      }),
    );
  };
}
