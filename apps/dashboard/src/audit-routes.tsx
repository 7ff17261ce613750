/** `/audit`: what people did, for admins. */

import { AuditLog, CursorError } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { AuditPage } from './pages/audit-page.tsx';

/** Entries of a page. */
const pageSize = 50;

/** The routes. */
export function auditRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const log = new AuditLog(connection);
  return async (app) => {
    app.get<{ Querystring: { before?: unknown } }>('/audit', { config: { role: 'admin' } }, async ({ context, query }, reply) => {
      const before = query.before === undefined ? undefined : String(query.before);
      const { entries, next } = await log.page(pageSize, before).catch((error: Error) => {
        if (!(error instanceof CursorError)) throw error;
        throw new HttpError(
          400,
          'There is no such page of the log',
          'Its address was cut or changed. Begin again with the newest entries.',
        );
      });
      return sendPage(reply, <AuditPage context={context} entries={entries} next={next} isFirst={before === undefined} />);
    });
  };
}
