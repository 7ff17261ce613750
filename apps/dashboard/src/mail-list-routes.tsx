/** `/mails`: the list by filter. */

import type { MailFilter } from '@posthouse/contract';
import { CursorError, type MailCount, MailList, type MailPage } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { readMailSearch } from './mail-search.ts';
import { MailListPage } from './pages/mail-list-page.tsx';

/** Mails of a page. */
const pageSize = 50;

/** The routes. */
export function mailListRoutes({ connection, renderer }: DashboardParts): FastifyPluginAsync {
  const list = new MailList(connection);
  const templates = [...renderer.catalogue.templates.keys()];
  return async (app) => {
    app.get<{ Querystring: Record<string, unknown> }>('/mails', async (request, reply) => {
      const { query, context } = request;
      const { cursor } = query;
      const { filter, issues } = readMailSearch(query, context.time.zone);
      const search = { filter, issues, templates };
      if (issues.length > 0) return sendPage(reply.code(400), <MailListPage context={context} search={search} found={undefined} />);
      const isFirst = typeof cursor !== 'string' || cursor === '';
      const found = isFirst ? await list.pageAndCount(filter, pageSize) : await older(filter, cursor);
      return sendPage(reply, <MailListPage context={context} search={search} found={{ ...found, isFirst }} />);
    });
  };
  async function older(filter: MailFilter, cursor: string): Promise<{ page: MailPage; count: MailCount }> {
    try {
      const [page, count] = await Promise.all([list.page(filter, { limit: pageSize, cursor }), list.count(filter)]);
      return { page, count };
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      throw new HttpError(400, 'There is no such page of this list', 'Its address was cut or changed. Begin again with the newest mails.');
    }
  }
}
