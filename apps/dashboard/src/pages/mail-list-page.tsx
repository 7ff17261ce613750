/** The list of mails: the filter, what fits it, and what can be done with some or all of that. */
import type { Fault, MailFilter } from '@posthouse/contract';
import type { MailCount, MailPage } from '@posthouse/queue';
import { mailsUrl } from '../mail-search.ts';
import type { Reader } from '../reader.ts';
import { bulkActions } from './bulk-actions.ts';
import { countWords } from './bulk-words.tsx';
import { EmptyState } from './empty-state.tsx';
import { ChoiceField } from './field.tsx';
import { Icon } from './icon.tsx';
import { Layout, PageHead } from './layout.tsx';
import { FilterForm, FilterWords } from './mail-filter-form.tsx';
import { MailTable } from './mail-table.tsx';
import { Notice } from './notice.tsx';
import { PageTurner } from './page-turner.tsx';
import { When } from './when.tsx';

/** What was searched for. */
export interface ListedSearch {
  filter: MailFilter;
  faults: readonly Fault[];
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
export function MailListPage({ reader, search, found }: { reader: Reader; search: ListedSearch; found: Found | undefined }): JSX.Element {
  const { filter, faults, templates } = search;
  return (
    <Layout reader={reader} title="Mails" here="/mails" assets={['mail-list.css']}>
      <PageHead title="Mails" {...(found !== undefined && { below: countWords(found.count) })} />
      {faults.length > 0 && (
        <Notice tone="bad" title="This filter cannot be read, so nothing is listed">
          <p>Mend the fields that are marked.</p>
        </Notice>
      )}
      <FilterForm reader={reader} filter={filter} faults={faults} templates={templates} />
      {found !== undefined && <Listed reader={reader} filter={filter} found={found} />}
    </Layout>
  );
}

function Listed({ reader, filter, found: { page, count, isFirst } }: { reader: Reader; filter: MailFilter; found: Found }): JSX.Element {
  const { mails, next, searchedTo } = page;
  const older = next === undefined ? undefined : mailsUrl(filter, { cursor: next });
  const first = isFirst ? undefined : mailsUrl(filter);
  const mayAct = reader.may('operator') && mails.length > 0;
  return (
    <>
      <FilterWords reader={reader} filter={filter} />
      {mayAct && <AllThatMatch filter={filter} count={count} />}
      {mails.length > 0 && <MailTable reader={reader} mails={mails} filter={filter} selectable={mayAct} />}
      {mails.length === 0 && searchedTo === undefined && (
        <EmptyState title={Object.keys(filter).length === 0 ? 'No mail is on record' : 'No mail fits'} lit={false}>
          <p class="soft">
            {Object.keys(filter).length === 0
              ? 'Mails appear here as soon as the API accepts one.'
              : 'Records of sent mails are kept for 7 days, of failed ones for 30.'}
          </p>
        </EmptyState>
      )}
      {searchedTo !== undefined && (
        <Notice tone="info" title="Few mails fit, so the search paused">
          <p>
            It looked back to <When reader={reader} at={searchedTo} />. <a href={older}>Look further back</a>
          </p>
        </Notice>
      )}
      <PageTurner shown={mails.length === 1 ? '1 mail on this page' : `${mails.length} mails on this page`} first={first} older={older} />
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
        choices={bulkActions(filter.state).map(({ action, word }) => ({ value: action, word }))}
      />
      <button type="submit" class="button quiet">
        <span safe>{`Look over ${countWords(count)}`}</span>
        <Icon name="older" />
      </button>
    </form>
  );
}
