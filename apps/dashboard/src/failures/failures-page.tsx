/** `/failures`: why mails fail, one row for each cause; the mails of several causes can be sent again at once. */
import { day, hour, type MailState, mailStates } from '@posthouse/contract';
import { type FailureCause, FailureGroups, type FailureOrder, type FailureOverview, type RequestConnection } from '@posthouse/queue';
import { ChoiceField, EmptyState, Notice, PageHead, sendPage, type Tab, Tabs } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { stateLabel } from '../ui/badge.tsx';
import { Pagination } from '../ui/data-table.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t, text } from '../ui/translate.ts';
import { choiceIn, pageNumberIn, type Query } from '../ui/url-parameters.ts';
import { CauseTable, type ShownCause } from './cause-table.tsx';

/** Rows of a page. */
const pageSize = 50;

/** ms by the value of the filter. */
const periods = { hour, day, week: 7 * day } as const;
const periodLabels = { hour: text('Last hour'), day: text('Last 24 hours'), week: text('Last 7 days') } as const;

const orders: Readonly<Record<FailureOrder, string>> = {
  mails: text('Most mails'),
  lastHour: text('Most in the last hour'),
  firstAt: text('Newest cause'),
};

/** What is shown, as the URL has it. */
interface FailureSearch {
  period?: keyof typeof periods;
  state?: MailState;
  template?: string;
  provider?: string;
  order: FailureOrder;
  /** From 1. */
  page: number;
}

/** @returns the route, as a plugin */
export function failureRoutes(connection: RequestConnection): FastifyPluginAsync {
  const failures = new FailureGroups(connection);
  return async (app) => {
    app.get<{ Querystring: Query }>('/failures', async ({ context, query }, reply) => {
      const search = readSearch(query);
      const { period, order, page, ...filter } = search;
      const since = period === undefined ? {} : { since: Date.now() - periods[period] };
      const overview = await failures.overview({ ...filter, ...since }, order);
      const listed = overview.causes.slice((page - 1) * pageSize, page * pageSize);
      const causes = await Promise.all(listed.map(async (cause): Promise<ShownCause> => ({ ...cause, ...(await failures.reply(cause)) })));
      return sendPage(reply, <FailuresPage context={context} search={search} overview={overview} causes={causes} />);
    });
  };
}

/** @throws HttpError 400 where a value is not allowed */
function readSearch(query: Query): FailureSearch {
  const one = (name: string) => (typeof query[name] === 'string' && query[name] !== '' ? query[name] : undefined);
  const period = choiceIn(query, 'period', Object.keys(periods) as (keyof typeof periods)[]);
  const state = choiceIn(query, 'state', mailStates);
  const [template, provider] = [one('template'), one('provider')];
  return {
    ...(period !== undefined && { period }),
    ...(state !== undefined && { state }),
    ...(template !== undefined && { template }),
    ...(provider !== undefined && { provider }),
    order: choiceIn(query, 'order', Object.keys(orders) as FailureOrder[]) ?? 'mails',
    page: pageNumberIn(query, 'page'),
  };
}

function failuresUrl({ page, order, ...filter }: FailureSearch): string {
  const parameters = new URLSearchParams({ ...filter, ...(order !== 'mails' && { order }), ...(page > 1 && { page: String(page) }) });
  return parameters.size === 0 ? '/failures' : `/failures?${parameters}`;
}

interface FailuresPageProps {
  context: PageContext;
  search: FailureSearch;
  overview: FailureOverview;
  /** Those of this page. */
  causes: readonly ShownCause[];
}

function FailuresPage({ context, search, overview, causes }: FailuresPageProps): JSX.Element {
  const { causes: all, isCut } = overview;
  const { page } = search;
  const isFiltered = Object.keys(search).length > 2;
  return (
    <Layout context={context} title={t('Failures')} here="/failures" assets={['failures.css', 'selection.js']}>
      <PageHead title={t('Failures')} below={summaryOf(all)} />
      {(all.length > 0 || isFiltered) && (
        <>
          <Tabs label={t('Last seen')} tabs={periodTabs(search)} />
          <SearchForm search={search} overview={overview} />
        </>
      )}
      {all.length === 0 && (
        <EmptyState title={isFiltered ? t('No matching failures') : t('No failing mails')}>
          <p class="muted">
            {isFiltered ? (
              <a href="/failures" safe>
                {t('Show all failures')}
              </a>
            ) : (
              <Text of="Mails that failed, are being retried, expired, are uncertain or were partly sent appear here by cause." />
            )}
          </p>
        </EmptyState>
      )}
      {causes.length > 0 && <CauseTable context={context} causes={causes} />}
      {isCut && <Notice tone="info" title={t('Only the largest failure groups are counted. The others appear when these are resolved.')} />}
      {all.length > pageSize && (
        <Pagination
          summary={t('Causes {from, number} to {to, number} of {count, number}', {
            from: (page - 1) * pageSize + 1,
            to: Math.min(page * pageSize, all.length),
            count: all.length,
          })}
          first={page > 1 ? failuresUrl({ ...search, page: 1 }) : undefined}
          older={page * pageSize < all.length ? failuresUrl({ ...search, page: page + 1 }) : undefined}
          firstLabel={t('First page')}
          olderLabel={t('Next page')}
        />
      )}
    </Layout>
  );
}

function summaryOf(causes: readonly FailureCause[]): string {
  const mails = causes.reduce((total, cause) => total + cause.mails, 0);
  return t('{causes, plural, one {# cause} other {# causes}} · {mails, plural, one {# mail} other {# mails}}', {
    causes: causes.length,
    mails,
  });
}

function periodTabs({ period, ...search }: FailureSearch): Tab[] {
  const tabs = Object.entries(periodLabels).map(([value, label]) => {
    const href = failuresUrl({ ...search, period: value as keyof typeof periods, page: 1 });
    return { name: t(label), href, current: value === period };
  });
  return [{ name: t('Any time'), href: failuresUrl({ ...search, page: 1 }), current: period === undefined }, ...tabs];
}

function SearchForm({ search, overview }: Pick<FailuresPageProps, 'search' | 'overview'>): JSX.Element {
  const any = { value: '', label: t('Any') };
  const names = (all: readonly string[], chosen: string | undefined) =>
    [...new Set([...all, ...(chosen === undefined ? [] : [chosen])])].map((name) => ({ value: name, label: name }));
  const states = (['failed', 'retrying', 'uncertain', 'expired'] as const).map((state) => ({ value: state, label: stateLabel(state) }));
  return (
    <form class="card failure-search" action="/failures">
      {search.period !== undefined && <input type="hidden" name="period" value={search.period} />}
      <div class="fields">
        <ChoiceField
          name="state"
          label={t('State')}
          value={search.state ?? ''}
          choices={[any, ...states, { value: 'sent', label: t('Partly sent') }]}
        />
        <ChoiceField
          name="template"
          label={t('Template')}
          value={search.template ?? ''}
          choices={[any, ...names(overview.templates, search.template)]}
        />
        <ChoiceField
          name="provider"
          label={t('Provider')}
          value={search.provider ?? ''}
          choices={[any, ...names(overview.providers, search.provider)]}
        />
        <ChoiceField
          name="order"
          label={t('Order')}
          value={search.order}
          choices={Object.entries(orders).map(([value, label]) => ({ value, label: t(label) }))}
        />
      </div>
      <div class="row">
        <button type="submit" class="button quiet" safe>
          {t('Apply')}
        </button>
        <a class="button quiet" href="/failures" safe>
          {t('Clear')}
        </a>
      </div>
    </form>
  );
}
