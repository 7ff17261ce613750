/** The list of mails: the filter, what fits it, and what can be done with some or all of that. */

import type { Issue, MailFilter } from '@posthouse/contract';
import type { MailCount, MailPage } from '@posthouse/queue';
import { ChoiceField, EmptyState, Icon, Notice, PageHead } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { bulkActions } from './bulk-actions.ts';
import { formatCount } from './bulk-labels.tsx';
import { Layout } from './layout.tsx';
import { FilterForm, FilterWords } from './mail-filter-form.tsx';
import { MailTable } from './mail-table.tsx';
import { Pagination } from './pagination.tsx';
import { When } from './when.tsx';

/** What was searched for. */
export interface ListedSearch {
  filter: MailFilter;
  issues: readonly Issue[];
  /** Names to choose from. */
  templates: readonly string[];
}

/** What was found. */
export interface Found {
  page: MailPage;
  count: MailCount;
  isFirst: boolean;
}

/** @param found undefined where the filter cannot be read */
export function MailListPage({
  context,
  search,
  found,
}: {
  context: PageContext;
  search: ListedSearch;
  found: Found | undefined;
}): JSX.Element {
  const { filter, issues, templates } = search;
  return (
    <Layout context={context} title="Mails" here="/mails" assets={['mail-list.css']}>
      <PageHead title="Mails" {...(found !== undefined && { below: formatCount(found.count) })} />
      {issues.length > 0 && (
        <Notice tone="bad" title="This filter cannot be read, so nothing is listed">
          <p>Mend the fields that are marked.</p>
        </Notice>
      )}
      <FilterForm context={context} filter={filter} issues={issues} templates={templates} />
      {found !== undefined && <Listed context={context} filter={filter} found={found} />}
    </Layout>
  );
}

function Listed({
  context,
  filter,
  found: { page, count, isFirst },
}: {
  context: PageContext;
  filter: MailFilter;
  found: Found;
}): JSX.Element {
  const { mails, next, searchedTo } = page;
  const older = next === undefined ? undefined : mailsUrl(filter, { cursor: next });
  const first = isFirst ? undefined : mailsUrl(filter);
  const mayAct = context.may('operator') && mails.length > 0;
  return (
    <>
      <FilterWords context={context} filter={filter} />
      {mayAct && <AllThatMatch filter={filter} count={count} />}
      {mails.length > 0 && <MailTable context={context} mails={mails} filter={filter} selectable={mayAct} />}
      {mails.length === 0 && searchedTo === undefined && (
        <EmptyState title={Object.keys(filter).length === 0 ? 'No mail is on record' : 'No mail fits'} lit={false}>
          <p class="muted">
            {Object.keys(filter).length === 0
              ? 'Mails appear here as soon as the API accepts one.'
              : 'Records of sent mails are kept for 7 days, of failed ones for 30.'}
          </p>
        </EmptyState>
      )}
      {searchedTo !== undefined && (
        <Notice tone="info" title="Few mails fit, so the search paused">
          <p>
            It looked back to <When context={context} at={searchedTo} />. <a href={older}>Look further back</a>
          </p>
        </Notice>
      )}
      <Pagination shown={mails.length === 1 ? '1 mail on this page' : `${mails.length} mails on this page`} first={first} older={older} />
    </>
  );
}

/** A form that leads to the page where bulk work is looked over before it starts. */
function AllThatMatch({ filter, count }: { filter: MailFilter; count: MailCount }): JSX.Element {
  const hidden = [...new URL(mailsUrl(filter), 'http://here').searchParams];
  return (
    <form class="row all-that-match" action="/bulk/new">
      {hidden.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <ChoiceField
        name="action"
        label="All that match:"
        choices={bulkActions(filter.state).map(({ action, word }) => ({ value: action, label: word }))}
      />
      <button type="submit" class="button quiet">
        <span safe>{`Look over ${formatCount(count)}`}</span>
        <Icon name="older" />
      </button>
    </form>
  );
}
