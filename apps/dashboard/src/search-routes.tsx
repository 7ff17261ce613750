/** `/search?q=`: leads from what somebody has at hand, an id, a Message-ID or an address, to what they look for. */

import { type MailFilter, readMailFilter } from '@posthouse/contract';
import { MailList } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import type { DashboardParts } from './dashboard-parts.ts';
import { mailIdIn, mailsUrl } from './mail-search.ts';
import { SearchPage } from './pages/search-page.tsx';

/** The route. */
export function searchRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const list = new MailList(connection);
  return async (app) => {
    app.get<{ Querystring: { q?: unknown } }>('/search', async ({ query, context }, reply) => {
      const asked = typeof query.q === 'string' ? query.q.trim() : '';
      const id = mailIdIn(asked);
      if (id !== undefined && (await list.find(id)) !== undefined) return reply.redirect(`/mails/${id}`, 303);
      const recipient = id === undefined ? recipientIn(asked) : undefined;
      if (recipient !== undefined) return reply.redirect(mailsUrl(recipient), 303);
      return sendPage(reply.code(asked === '' ? 200 : 404), <SearchPage context={context} asked={asked} isId={id !== undefined} />);
    });
  };
}

/** A filter for an address or a domain. */
function recipientIn(asked: string): MailFilter | undefined {
  if (!/[@.]/.test(asked)) return undefined;
  const { filter, issues } = readMailFilter({ recipient: asked });
  return issues.length === 0 ? filter : undefined;
}
