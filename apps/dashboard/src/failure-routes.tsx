/** `/failures`: what mails were refused by, as groups of those in the same trouble. */

import { FailureGroups } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { FailuresPage } from './pages/failures-page.tsx';

/** Groups shown; beyond them are those of a mail or two. */
const max = 100;

/** The routes. */
export function failureRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const failures = new FailureGroups(connection);
  return async (app) => {
    app.get('/failures', async (request, reply) => {
      const groups = await failures.top(max);
      return sendPage(reply, <FailuresPage context={request.context} groups={groups} isCut={groups.length === max} />);
    });
  };
}
