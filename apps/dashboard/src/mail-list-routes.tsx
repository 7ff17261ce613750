/** `/mails`: the list by filter. */
import type { MailFilter } from '@posthouse/contract';
import { CursorFault, type MailCount, MailList, type MailPage } from '@posthouse/queue';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { readMailSearch } from './mail-search.ts';
import { PageFault } from './page-fault.tsx';
import { MailListPage } from './pages/mail-list-page.tsx';
import { sendPage } from './pages/send-page.ts';

/** Mails of a page. */
const pageSize = 50;

/** The routes. */
export function mailListRoutes({ connection, renderer }: DashboardParts): FastifyPluginAsync {
  const list = new MailList(connection);
  const templates = [...renderer.catalogue.templates.keys()];
  return async (app) => {
    app.get<{ Querystring: Record<string, unknown> }>('/mails', async (request, reply) => {
      const { query, reader } = request;
      const { cursor } = query;
      const { filter, faults } = readMailSearch(query, reader.zone);
      const search = { filter, faults, templates };
      if (faults.length > 0) return sendPage(reply.code(400), <MailListPage reader={reader} search={search} found={undefined} />);
      const isFirst = typeof cursor !== 'string' || cursor === '';
      const found = isFirst ? await list.pageAndCount(filter, pageSize) : await older(filter, cursor);
      return sendPage(reply, <MailListPage reader={reader} search={search} found={{ ...found, isFirst }} />);
    });
  };
  async function older(filter: MailFilter, cursor: string): Promise<{ page: MailPage; count: MailCount }> {
    try {
      const [page, count] = await Promise.all([list.page(filter, { limit: pageSize, cursor }), list.count(filter)]);
      return { page, count };
    } catch (error) {
      if (!(error instanceof CursorFault)) throw error;
      throw new PageFault(400, 'There is no such page of this list', 'Its address was cut or changed. Begin again with the newest mails.');
    }
  }
}
