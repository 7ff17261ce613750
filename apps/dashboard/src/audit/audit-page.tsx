/** `/audit`: what users did; `?of=`: what API keys did to mails, sign-ins, and failed ones; newest first, filtered. For admins. */
import {
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  AuditLog,
  type AuditPage,
  CursorError,
  type RequestConnection,
} from '@posthouse/queue';
import { ChoiceField, EmptyState, HttpError, PageHead, sendPage, Tabs, TextField } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { readLocalTime, writeLocalTime } from '../mails/zoned-time.ts';
import { DataTable, Pagination } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import { roleName } from '../ui/known-texts.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t, text } from '../ui/translate.ts';
import { choiceIn, type Query, wrongValue } from '../ui/url-parameters.ts';
import { actionsOf, auditActionText, targetUrl } from './audit-actions.ts';
import { auditDetailText } from './audit-details.ts';

const pageSize = 50;

const columns = [text('When'), text('Who'), text('Action'), text('Target'), text('Details')];

/** A view of the log. */
interface View {
  of: keyof typeof actionsOf;
  name: string;
  list: AuditList;
}

const views = [
  { of: 'users', name: text('Changes'), list: 'users' },
  { of: 'api-keys', name: text('API keys'), list: 'api-keys' },
  { of: 'sign-ins', name: text('Sign-ins'), list: 'sign-ins' },
  { of: 'failed-sign-ins', name: text('Failed sign-ins'), list: 'failed-sign-ins' },
] as const satisfies readonly View[];

/** What the form of the filter has; '' for no condition. */
interface Fields {
  who: string;
  action: string;
  /** As `datetime-local` fields have them, in the user's zone. */
  from: string;
  to: string;
}

/** @returns the route, as a plugin */
export function auditRoutes(connection: RequestConnection): FastifyPluginAsync {
  const log = new AuditLog(connection);
  return async (app) => {
    app.get<{ Querystring: Query }>('/audit', { config: { role: 'admin' } }, async ({ context, query }, reply) => {
      const textOf = (name: string) => (typeof query[name] === 'string' ? query[name].trim() : '');
      const before = query['before'] === undefined ? undefined : String(query['before']);
      const chosen = choiceIn(
        query,
        'of',
        views.map(({ of }) => of),
      );
      const view: View = views.find(({ of }) => of === chosen) ?? views[0];
      const action = choiceIn(query, 'action', Object.keys(actionsOf[view.of])) ?? '';
      const fields: Fields = { who: textOf('who'), action, from: textOf('from'), to: textOf('to') };
      const { zone } = context.time;
      for (const name of ['from', 'to'] as const) {
        if (query[name] === undefined || query[name] === '' || readLocalTime(fields[name], zone) !== undefined) continue;
        throw wrongValue(query, name, t('The value must be a time, such as {example}.', { example: writeLocalTime(Date.now(), zone) }));
      }
      const page = await log.page(pageSize, before, view.list, filterOf(fields, zone)).catch((error: Error) => {
        if (!(error instanceof CursorError)) throw error;
        throw new HttpError(400, t('Invalid page link'), t('The link is incomplete or was changed. Start again from the newest entries.'));
      });
      return sendPage(reply, <AuditLogPage {...{ context, view, fields, page }} isFirst={before === undefined} />);
    });
  };
}

function filterOf({ who, action, from, to }: Fields, zone: string): AuditFilter {
  return { who: who || undefined, action: action || undefined, from: readLocalTime(from, zone), to: readLocalTime(to, zone) };
}

function urlOf(of: View['of'], parameters: Partial<Fields> & { before?: string } = {}): string {
  const query = new URLSearchParams(of === 'users' ? {} : { of });
  for (const [name, value] of Object.entries(parameters)) if (value !== '') query.set(name, value);
  return query.size === 0 ? '/audit' : `/audit?${query}`;
}

interface AuditLogPageProps {
  context: PageContext;
  view: View;
  fields: Fields;
  page: AuditPage;
  isFirst: boolean;
}

function AuditLogPage({ context, view: { of }, fields, page: { entries, next, searchedTo }, isFirst }: AuditLogPageProps): JSX.Element {
  const shown = t('{count, plural, one {# entry} other {# entries}} on this page', { count: entries.length });
  const searched = searchedTo === undefined ? undefined : t('searched back to {time}', { time: context.time.dateTime(searchedTo) });
  return (
    <Layout context={context} title={t('Audit log')} here="/audit">
      <PageHead
        title={t('Audit log')}
        below={t('Actions of users and of API keys, and sign-ins. The newest 10,000 entries of each list are kept.')}
      />
      <Tabs label={t('Lists')} tabs={views.map((each) => ({ name: t(each.name), href: urlOf(each.of), current: each.of === of }))} />
      <FilterForm of={of} fields={fields} />
      <section class="card flush">
        {entries.length === 0 ? (
          <EmptyState title={t('No entries')} />
        ) : (
          <DataTable
            label={t('Audit log')}
            columns={columns.map((title) => ({ title: t(title) }))}
            rows={entries.map((entry) => row(context, entry))}
          />
        )}
      </section>
      <Pagination
        summary={searched === undefined ? shown : `${shown} · ${searched}`}
        first={isFirst ? undefined : urlOf(of, fields)}
        older={next === undefined ? undefined : urlOf(of, { ...fields, before: next })}
        {...(searched !== undefined && { olderLabel: t('Search further back') })}
      />
    </Layout>
  );
}

function FilterForm({ of, fields }: { of: View['of']; fields: Fields }): JSX.Element {
  const actions = Object.entries(actionsOf[of]).map(([value, name]) => ({ value, label: t(name) }));
  return (
    <form class="card stack" action="/audit">
      {of !== 'users' && <input type="hidden" name="of" value={of} />}
      <div class="fields">
        <TextField name="who" label={t('Who')} value={fields.who} hint={t('The whole name')} />
        {actions.length > 0 && (
          <ChoiceField name="action" label={t('Action')} choices={[{ value: '', label: t('Any') }, ...actions]} value={fields.action} />
        )}
        <TextField name="from" label={t('From')} type="datetime-local" value={fields.from} />
        <TextField name="to" label={t('To')} type="datetime-local" value={fields.to} />
      </div>
      <div class="row">
        <button type="submit" class="button quiet" safe>
          {t('Apply')}
        </button>
        <a class="button quiet" href={urlOf(of)} safe>
          {t('Clear')}
        </a>
      </div>
    </form>
  );
}

function row(context: PageContext, { at, who, role, action, target, detail, repeats }: AuditEntry): JSX.Element[] {
  const url = target === undefined ? undefined : targetUrl(action, target);
  return [
    <When context={context} at={at} only="dateTime" />,
    <span>
      <b safe>{who}</b>{' '}
      <span class="muted whole" safe>
        {roleName(role)}
      </span>
    </span>,
    <span safe>{auditActionText(action)}</span>,
    url === undefined ? (
      <span safe>{target ?? '–'}</span>
    ) : (
      <a class="code" href={url} safe>
        {target}
      </a>
    ),
    <span>
      <span safe>{detail === undefined ? '–' : auditDetailText(context, detail)}</span>
      {repeats !== undefined && repeats.count > 1 && (
        <span class="muted" safe>
          {`, ${t('the last of {count} since {time}', { count: repeats.count, time: context.time.dateTime(repeats.since) })}`}
        </span>
      )}
    </span>,
  ];
}
