/** `/mails`: the list of mails by filter, its export, and the bulk actions on all that match. */
import { type Issue, limits, type MailFilter } from '@posthouse/contract';
import {
  CursorError,
  type MailCount,
  MailList,
  type MailNames,
  type MailPage,
  type RequestConnection,
  type SavedFilter,
  SavedFilters,
} from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { ChoiceField, HttpError, Icon, Notice, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { bulkActionLabels, bulkActionsFor } from '../mails/mail-actions.ts';
import { filterFields, mailsUrl, readMailSearch, readSubjectWords } from '../mails/mail-search.ts';
import { Pagination } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import { actorOf, type PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import { type Emptiness, explainEmpty, NoMails } from './empty-list.tsx';
import { FilterChoices } from './filter-choices.ts';
import { formatCount } from './mail-count.ts';
import { exportUrl, mailExportRoutes } from './mail-export.ts';
import { FilterChips, FilterForm, issuesWithoutField } from './mail-filter.tsx';
import { MailSubjects } from './mail-subjects.ts';
import { MailTable } from './mail-table.tsx';
import { SavedFilterBar, savedFilterRoutes } from './saved-filters.tsx';

const pageSize = 50;

type Query = Readonly<Record<string, unknown>>;

/** @returns the routes, as a plugin */
export function mailListRoutes(connection: RequestConnection, templates: TemplateSource<Renderer>): FastifyPluginAsync {
  const list = new MailList(connection);
  const saved = new SavedFilters(connection);
  const subjects = new MailSubjects(list, templates);
  const { statusPoll, filterChoices } = connection.timings.dashboard;
  const choices = new FilterChoices(list, () => templates.current.catalogue.templates.keys(), filterChoices);

  return async (app) => {
    await app.register(mailExportRoutes(connection, list, subjects));
    await app.register(savedFilterRoutes(connection));

    app.get<{ Querystring: Query }>('/mails', async (request, reply) => {
      const { query, context } = request;
      const read = readMailSearch(query, context.time.zone);
      const { words, issues } = readSubjectWords(query);
      const [offered, own] = await Promise.all([choices.get(), saved.list(actorOf(request).who)]);
      const given = { written: query, issues: [...read.issues, ...issues] };
      const search: Search = { ...given, filter: read.filter, words, choices: offered, saved: own };
      if (search.issues.length > 0) return sendPage(reply.code(400), <MailListPage context={context} search={search} found={undefined} />);
      return sendPage(reply, <MailListPage context={context} search={search} found={await find(search, query['cursor'])} />);
    });

    app.get<{ Querystring: Query }>('/mails/live', (request, reply) => {
      const { filter, issues } = readMailSearch(request.query, request.context.time.zone);
      const since = Number(request.query['since']);
      if (issues.length > 0 || !Number.isSafeInteger(since) || since < 0) throw new HttpError(400);
      return pollLiveSection(request, reply, statusPoll, async () => (
        <NewMails filter={filter} count={await list.count({ ...filter, from: Math.max(since + 1, filter.from ?? 0) })} />
      ));
    });
  };

  async function find({ filter, words }: Search, cursor: unknown): Promise<Found> {
    if (words !== undefined) return await findWords(filter, words);
    const isFirst = typeof cursor !== 'string' || cursor === '';
    // Before the mails are read: what comes meanwhile is new.
    const now = isFirst ? await connection.run(({ clock }) => clock.now()) : 0;
    const { page, count } = isFirst ? await list.pageAndCount(filter, pageSize) : await nextPage(filter, cursor);
    const isEmpty = isFirst && page.mails.length === 0 && page.searchedTo === undefined && Object.keys(filter).length > 0;
    return {
      page,
      count,
      isFirst,
      subjects: await subjects.of(page.mails.map(({ id }) => id)),
      ...(isFirst && filter.to === undefined && { since: page.mails[0]?.createdAt ?? now }),
      ...(isEmpty && { emptiness: await explainEmpty(list, filter) }),
    };
  }

  /** The words of a subject are sealed with it: those of a few mails are opened and compared, and nothing of them is stored. */
  async function findWords(filter: MailFilter, words: string): Promise<Found> {
    const candidates = await list.upTo(filter, limits.subjectSearch);
    const found = candidates === undefined ? [] : await subjects.having(candidates, words);
    const shown = new Map(found.slice(0, limits.subjectsShown));
    return {
      page: { mails: await list.summaries([...shown.keys()]) },
      count: { mails: found.length, exact: true },
      isFirst: true,
      subjects: shown,
      searched: candidates?.length ?? 'too-many',
    };
  }

  async function nextPage(filter: MailFilter, cursor: string): Promise<{ page: MailPage; count: MailCount }> {
    try {
      const [page, count] = await Promise.all([list.page(filter, { limit: pageSize, cursor }), list.count(filter)]);
      return { page, count };
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      throw new HttpError(400, t('Invalid page link'), t('The link is incomplete or was changed. Start again from the newest mails.'));
    }
  }
}

interface Search {
  filter: MailFilter;
  /** Words that the subject has. */
  words: string | undefined;
  /** The parameters as they came. */
  written: Query;
  issues: readonly Issue[];
  choices: MailNames;
  saved: readonly SavedFilter[];
}

interface Found {
  page: MailPage;
  count: MailCount;
  isFirst: boolean;
  subjects: ReadonlyMap<string, string>;
  /** On the first page: mails that were accepted after this time (ms since the epoch) are new. */
  since?: number;
  /** Where no mail matches a filter. */
  emptiness?: Emptiness;
  /** Of a search for words of the subject: in how many mails. */
  searched?: number | 'too-many';
}

/** @param found undefined for an invalid filter */
function MailListPage({ context, search, found }: { context: PageContext; search: Search; found: Found | undefined }): JSX.Element {
  const { filter, words, issues, written, choices, saved } = search;
  const withoutField = issuesWithoutField(issues);
  const canExport = found !== undefined && found.page.mails.length > 0 && words === undefined && context.may('operator');
  return (
    <Layout context={context} title={t('Mails')} here="/mails" assets={['mail-list.css', ...liveAssets, 'selection.js']}>
      <PageHead title={t('Mails')} {...(found !== undefined && { below: formatCount(found.count) })}>
        {canExport && (
          <>
            <a class="button quiet" href={exportUrl(filter, 'csv')} download="" safe>
              {t('Export CSV')}
            </a>
            <a class="button quiet" href={exportUrl(filter, 'json')} download="" safe>
              {t('Export JSON')}
            </a>
          </>
        )}
      </PageHead>
      {issues.length > 0 && (
        <Notice tone="bad" title={t('Invalid filter')}>
          {withoutField.length < issues.length && <p safe>{t('Correct the marked fields.')}</p>}
          {withoutField.map((issue) => (
            <p safe>{issue}</p>
          ))}
        </Notice>
      )}
      <FilterForm context={context} filter={filter} words={words} issues={issues} written={written} choices={choices} />
      <SavedFilterBar saved={saved} filter={filter} />
      {found !== undefined && <Results context={context} filter={filter} words={words} found={found} />}
    </Layout>
  );
}

interface ResultsProps {
  context: PageContext;
  filter: MailFilter;
  words: string | undefined;
  found: Found;
}

function Results({ context, filter, words, found }: ResultsProps): JSX.Element {
  const { page, count, isFirst, subjects, since, searched } = found;
  const { mails, next, searchedTo } = page;
  const older = next === undefined ? undefined : mailsUrl(filter, { cursor: next });
  const mayAct = context.may('operator') && mails.length > 0;
  return (
    <>
      <FilterChips context={context} filter={filter} words={words} />
      {since !== undefined && (
        <LiveSection url={mailsUrl(filter, { since: String(since) }).replace('/mails', '/mails/live')}>
          <NewMails filter={filter} count={{ mails: 0, exact: true }} />
        </LiveSection>
      )}
      {mayAct && words === undefined && <BulkActionForm filter={filter} count={count} />}
      {searched !== undefined && <SubjectSearch searched={searched} shown={mails.length} count={count} />}
      {mails.length > 0 && <MailTable context={context} mails={mails} subjects={subjects} filter={filter} selectable={mayAct} />}
      {mails.length === 0 && searchedTo === undefined && searched === undefined && (
        <NoMails context={context} filter={filter} emptiness={found.emptiness} />
      )}
      {searchedTo !== undefined && (
        <Notice tone="info" title={t('Few mails match, so the search stopped early')}>
          <p>
            <Text of="Searched back to" /> <When context={context} at={searchedTo} />.{' '}
            <a href={older} safe>
              {t('Continue the search')}
            </a>
          </p>
        </Notice>
      )}
      {(mails.length > 0 || !isFirst || older !== undefined) && (
        <Pagination
          summary={t('{count, plural, one {# mail on this page} other {# mails on this page}}', { count: mails.length })}
          first={isFirst ? undefined : mailsUrl(filter)}
          older={older}
        />
      )}
    </>
  );
}

/** A bar that loads the mails that have come since the page was loaded. */
function NewMails({ filter, count }: { filter: MailFilter; count: MailCount }): JSX.Element {
  return (
    <p class="new-mails" hidden={count.mails === 0}>
      <a href={mailsUrl(filter)} safe>
        {t('{count, plural, one {# new mail} other {# new mails}}', { count: count.mails })}
      </a>
    </p>
  );
}

/** What was searched for words of the subject. */
function SubjectSearch({ searched, shown, count }: { searched: number | 'too-many'; shown: number; count: MailCount }): JSX.Element {
  if (searched === 'too-many') {
    return (
      <Notice tone="warn" title={t('Too many mails to search their subjects')}>
        <p safe>
          {t(
            'Subjects are sealed and opened one by one, in at most {max} mails. Add a condition, such as a recipient, a template or a time.',
            {
              max: limits.subjectSearch,
            },
          )}
        </p>
      </Notice>
    );
  }
  return (
    <p class="muted" safe>
      {shown < count.mails
        ? t('{count} of {searched} subjects have these words; the newest {shown} are shown.', { count: count.mails, searched, shown })
        : t('{count} of {searched} subjects have these words.', { count: count.mails, searched })}
    </p>
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
        label={t('All matching mails:')}
        choices={bulkActionsFor(filter.state).map((action) => ({ value: action, label: t(bulkActionLabels[action]) }))}
      />
      <button type="submit" class="button quiet">
        <span safe>{t('Review {mails}', { mails: formatCount(count) })}</span>
        <Icon name="older" />
      </button>
    </form>
  );
}
