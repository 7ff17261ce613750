/** `/search?q=`: leads from what a user knows of a mail to the mail or the list. */
import { isReason, limits, type MailFilter, readMailFilter } from '@posthouse/contract';
import { ApiKeys, MailList, type MailSummary, type RequestConnection } from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { EmptyState, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { mailIdIn, mailsUrl } from '../mails/mail-search.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import { formatCount } from './mail-count.ts';
import { MailSubjects } from './mail-subjects.ts';
import { MailTable } from './mail-table.tsx';

/** Mails of one batch that are listed. */
const maxListed = 50;

/** @returns the route, as a plugin */
export function searchRoutes(connection: RequestConnection, templates: TemplateSource<Renderer>): FastifyPluginAsync {
  const list = new MailList(connection);
  const subjects = new MailSubjects(list, templates);
  const apiKeys = new ApiKeys(connection);

  return async (app) => {
    app.get<{ Querystring: { q?: unknown } }>('/search', async ({ query, context }, reply) => {
      const text = typeof query.q === 'string' ? query.q.trim() : '';
      const id = mailIdIn(text);
      if (id !== undefined && (await list.find(id)) !== undefined) return reply.redirect(`/mails/${id}`, 303);
      const accepted = id === undefined && text !== '' ? await acceptedWith(text) : [];
      if (accepted.length === 1) return reply.redirect(`/mails/${accepted[0]}`, 303);
      if (accepted.length > 1) {
        const mails = await list.summaries(accepted.slice(0, maxListed));
        const found = { mails, count: accepted.length, subjects: await subjects.of(mails.map(({ id }) => id)) };
        return sendPage(reply, <IdempotencyKeyPage context={context} {...found} />);
      }
      const filter = id === undefined ? ((await searchKeyIn(text)) ?? recipientIn(text)) : undefined;
      if (filter !== undefined) return reply.redirect(mailsUrl(filter), 303);
      return sendPage(reply.code(text === '' ? 200 : 404), <SearchPage context={context} text={text} isId={id !== undefined} />);
    });
  };

  /** The mails of an Idempotency-Key, whichever API key it came with. */
  async function acceptedWith(text: string): Promise<string[]> {
    if (text.length > limits.idempotencyKeyLength) return [];
    const [{ keys }, { apiKeys: used }] = await Promise.all([apiKeys.list(), list.names()]);
    return await list.acceptedWith(text, [...new Set([...keys.map(({ name }) => name), ...used])]);
  }

  /** A filter for a Message-ID, a value of metadata or a local part, where a mail has it. */
  async function searchKeyIn(text: string): Promise<MailFilter | undefined> {
    for (const parameters of [{ messageId: text }, { metadata: text }, ...(text.includes('@') ? [] : [{ recipient: `${text}@` }])]) {
      const { filter, issues } = readMailFilter(parameters);
      if (issues.length === 0 && Object.keys(filter).length > 0 && (await list.count(filter)).mails > 0) return filter;
    }
    return undefined;
  }
}

/** A filter for an address, a domain or a local part. */
function recipientIn(text: string): MailFilter | undefined {
  if (!/[@.]/.test(text)) return undefined;
  const { filter, issues } = readMailFilter({ recipient: text });
  return issues.length === 0 ? filter : undefined;
}

interface FoundMails {
  context: PageContext;
  mails: readonly MailSummary[];
  count: number;
  subjects: ReadonlyMap<string, string>;
}

/** The mails of a batch, found by its Idempotency-Key. */
function IdempotencyKeyPage({ context, mails, count, subjects }: FoundMails): JSX.Element {
  const title = t('Mails with this Idempotency-Key');
  const shown =
    count > mails.length
      ? t('{count}; the first {shown} are shown', { count: formatCount({ mails: count, exact: true }), shown: mails.length })
      : formatCount({ mails: count, exact: true });
  return (
    <Layout context={context} title={title} here="/mails" assets={['mail-list.css']}>
      <PageHead title={title} below={shown} />
      <MailTable context={context} mails={mails} subjects={subjects} filter={{}} selectable={false} />
    </Layout>
  );
}

/** The page of a search without a result. @param isId the text is a mail id */
function SearchPage({ context, text, isId }: { context: PageContext; text: string; isId: boolean }): JSX.Element {
  const title = text === '' ? t('Search') : isId ? t('No mail with this id') : t('No results');
  return (
    <Layout context={context} title={title} here="/mails">
      <section class="card">
        <h1 class="visually-hidden" safe>
          {title}
        </h1>
        <EmptyState title={title} lit={text === ''}>
          {isId && (
            <p class="muted" safe>
              {t('{id}: check that the id is complete. Its record may have expired.', { id: text })}
            </p>
          )}
          <p class="muted" safe>
            {t(
              'Search by mail id, Message-ID, recipient address, domain (example.com), the part before the @ (anne), a value of the metadata, or an Idempotency-Key.',
            )}
          </p>
          {text !== '' && !isId && (
            <p>
              <Text of="Search instead for:" /> <FilterLink filter={{ template: text }} text={t('a template of this name')} />,{' '}
              <FilterLink filter={{ tag: text }} text={t('a tag of this name')} />
              {isReason(text) && (
                <>
                  , <FilterLink filter={{ reason: text }} text={t('this reason code')} />
                </>
              )}
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
