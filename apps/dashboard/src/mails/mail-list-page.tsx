/** `/mails`: the list of mails by filter, and the bulk actions on all that match. */
import type { Issue, MailFilter } from '@posthouse/contract';
import { CursorError, type MailCount, MailList, type MailPage, type RequestConnection } from '@posthouse/queue';
import { ChoiceField, EmptyState, HttpError, Icon, Notice, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { Pagination } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { actionLabels, bulkActionsFor } from './mail-actions.ts';
import { FilterChips, FilterForm } from './mail-filter.tsx';
import { filterFields, mailsUrl, readMailSearch } from './mail-search.ts';
import { MailTable } from './mail-table.tsx';

const pageSize = 50;

/** @param templates names to choose from @returns the route, as a plugin */
export function mailListRoutes(connection: RequestConnection, templates: readonly string[]): FastifyPluginAsync {
  const list = new MailList(connection);
  return async (app) => {
    app.get<{ Querystring: Record<string, unknown> }>('/mails', async (request, reply) => {
      const { query, context } = request;
      const { cursor } = query;
      const { filter, issues } = readMailSearch(query, context.time.zone);
      const search = { filter, issues, templates };
      if (issues.length > 0) return sendPage(reply.code(400), <MailListPage context={context} search={search} found={undefined} />);
      const isFirst = typeof cursor !== 'string' || cursor === '';
      const found = isFirst ? await list.pageAndCount(filter, pageSize) : await nextPage(filter, cursor);
      return sendPage(reply, <MailListPage context={context} search={search} found={{ ...found, isFirst }} />);
    });
  };

  async function nextPage(filter: MailFilter, cursor: string): Promise<{ page: MailPage; count: MailCount }> {
    try {
      const [page, count] = await Promise.all([list.page(filter, { limit: pageSize, cursor }), list.count(filter)]);
      return { page, count };
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      throw new HttpError(400, 'Invalid page link', 'The link is incomplete or was changed. Start again from the newest mails.');
    }
  }
}

/** `1 mail`, `about 1,200 mails`. */
export function formatCount({ mails, exact }: MailCount): string {
  const counted = t('{mails, plural, one {# mail} other {# mails}}', { mails });
  return exact ? counted : t('about {counted}', { counted });
}

interface Search {
  filter: MailFilter;
  issues: readonly Issue[];
  templates: readonly string[];
}

interface Found {
  page: MailPage;
  count: MailCount;
  isFirst: boolean;
}

/** @param found undefined for an invalid filter */
function MailListPage({ context, search, found }: { context: PageContext; search: Search; found: Found | undefined }): JSX.Element {
  const { filter, issues, templates } = search;
  return (
    <Layout context={context} title="Mails" here="/mails" assets={['mail-list.css']}>
      <PageHead title="Mails" {...(found !== undefined && { below: formatCount(found.count) })} />
      {issues.length > 0 && (
        <Notice tone="bad" title="Invalid filter">
          <p>Correct the marked fields.</p>
        </Notice>
      )}
      <FilterForm context={context} filter={filter} issues={issues} templates={templates} />
      {found !== undefined && <Results context={context} filter={filter} found={found} />}
    </Layout>
  );
}

function Results({ context, filter, found }: { context: PageContext; filter: MailFilter; found: Found }): JSX.Element {
  const { page, count, isFirst } = found;
  const { mails, next, searchedTo } = page;
  const older = next === undefined ? undefined : mailsUrl(filter, { cursor: next });
  const mayAct = context.may('operator') && mails.length > 0;
  return (
    <>
      <FilterChips context={context} filter={filter} />
      {mayAct && <BulkActionForm filter={filter} count={count} />}
      {mails.length > 0 && <MailTable context={context} mails={mails} filter={filter} selectable={mayAct} />}
      {mails.length === 0 && searchedTo === undefined && <NoMails isFiltered={Object.keys(filter).length > 0} />}
      {searchedTo !== undefined && (
        <Notice tone="info" title="Few mails match, so the search stopped early">
          <p>
            Searched back to <When context={context} at={searchedTo} />. <a href={older}>Continue the search</a>
          </p>
        </Notice>
      )}
      <Pagination
        summary={mails.length === 1 ? '1 mail on this page' : `${mails.length} mails on this page`}
        first={isFirst ? undefined : mailsUrl(filter)}
        older={older}
      />
    </>
  );
}

function NoMails({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  return isFiltered ? (
    <EmptyState title="No matching mails" lit={false}>
      <p class="muted">Records of sent mails are kept for 7 days, those of failed mails for 30 days.</p>
    </EmptyState>
  ) : (
    <EmptyState title="No mails" lit={false}>
      <p class="muted">Mails appear here as soon as the API accepts one.</p>
    </EmptyState>
  );
}

/** Leads to the page on which a bulk action is reviewed before it starts. */
function BulkActionForm({ filter, count }: { filter: MailFilter; count: MailCount }): JSX.Element {
  return (
    <form class="row bulk-action-form" action="/bulk/new">
      {filterFields(filter).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <ChoiceField
        name="action"
        label="All matching mails:"
        choices={bulkActionsFor(filter.state).map((action) => ({ value: action, label: actionLabels[action] }))}
      />
      <button type="submit" class="button quiet">
        <span safe>{`Review ${formatCount(count)}`}</span>
        <Icon name="older" />
      </button>
    </form>
  );
}
