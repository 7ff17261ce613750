/** `/search?q=`: leads from a mail id, a Message-ID, an address or a domain to the mail or the list. */
import { isReason, type MailFilter, readMailFilter } from '@posthouse/contract';
import { MailList, type RequestConnection } from '@posthouse/queue';
import { EmptyState, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { mailIdIn, mailsUrl } from './mail-search.ts';

/** @returns the route, as a plugin */
export function searchRoutes(connection: RequestConnection): FastifyPluginAsync {
  const list = new MailList(connection);
  return async (app) => {
    app.get<{ Querystring: { q?: unknown } }>('/search', async ({ query, context }, reply) => {
      const text = typeof query.q === 'string' ? query.q.trim() : '';
      const id = mailIdIn(text);
      if (id !== undefined && (await list.find(id)) !== undefined) return reply.redirect(`/mails/${id}`, 303);
      const recipient = id === undefined ? recipientIn(text) : undefined;
      if (recipient !== undefined) return reply.redirect(mailsUrl(recipient), 303);
      return sendPage(reply.code(text === '' ? 200 : 404), <SearchPage context={context} text={text} isId={id !== undefined} />);
    });
  };
}

/** A filter for an address or a domain. */
function recipientIn(text: string): MailFilter | undefined {
  if (!/[@.]/.test(text)) return undefined;
  const { filter, issues } = readMailFilter({ recipient: text });
  return issues.length === 0 ? filter : undefined;
}

/** The page of a search without a result. @param isId the text is a mail id */
function SearchPage({ context, text, isId }: { context: PageContext; text: string; isId: boolean }): JSX.Element {
  const title = text === '' ? 'Search' : isId ? 'No mail with this id' : 'No results';
  return (
    <Layout context={context} title={title} here="/mails">
      <section class="card">
        <h1 class="visually-hidden">{title}</h1>
        <EmptyState title={title} lit={text === ''}>
          {isId && (
            <p class="muted">
              <span class="code" safe>
                {text}
              </span>
              : check that the id is complete. Its record may have expired.
            </p>
          )}
          <p class="muted">
            Search by mail id, Message-ID, recipient address, or domain. A domain such as example.com finds all recipients there.
          </p>
          {text !== '' && !isId && (
            <p>
              Search instead for <FilterLink filter={{ template: text }} text="a template" /> or{' '}
              <FilterLink filter={{ tag: text }} text="a tag" /> of this name
              {isReason(text) && (
                <>
                  , or for mails with this <FilterLink filter={{ reason: text }} text="reason code" />
                </>
              )}
              .
            </p>
          )}
        </EmptyState>
      </section>
    </Layout>
  );
}

function FilterLink({ filter, text }: { filter: MailFilter; text: string }): JSX.Element {
  return (
    <a href={mailsUrl(filter)} safe>
      {text}
    </a>
  );
}
