/** `/audit`: what users did; `?of=api-keys`: what API keys did to mails; `?of=failed-sign-ins`; newest first. For admins. */
import { type AuditEntry, type AuditList, AuditLog, CursorError, copyAction, mailActions, type RequestConnection } from '@posthouse/queue';
import { EmptyState, HttpError, PageHead, sendPage, Tabs } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actionName, bulkAuditActions } from '../mails/mail-actions.ts';
import { DataTable, Pagination } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';

const pageSize = 50;

const columns = [{ title: 'When' }, { title: 'Who' }, { title: 'Action' }, { title: 'Target' }, { title: 'Details' }];

/** @returns the route, as a plugin */
export function auditRoutes(connection: RequestConnection): FastifyPluginAsync {
  const log = new AuditLog(connection);
  return async (app) => {
    app.get<{ Querystring: { before?: unknown; of?: unknown } }>(
      '/audit',
      { config: { role: 'admin' } },
      async ({ context, query }, reply) => {
        const before = query.before === undefined ? undefined : String(query.before);
        const of = tabs.find((tab) => tab.of === query.of)?.of ?? 'users';
        const { entries, next } = await log.page(pageSize, before, of).catch((error: Error) => {
          if (!(error instanceof CursorError)) throw error;
          throw new HttpError(400, 'Invalid page link', 'The link is incomplete or was changed. Start again from the newest entries.');
        });
        return sendPage(reply, <AuditPage context={context} of={of} entries={entries} next={next} isFirst={before === undefined} />);
      },
    );
  };
}

const tabs: readonly { of: AuditList; name: string }[] = [
  { of: 'users', name: 'Users' },
  { of: 'api-keys', name: 'API keys' },
  { of: 'failed-sign-ins', name: 'Failed sign-ins' },
];

function urlOf(of: AuditList): string {
  return of === 'users' ? '/audit' : `/audit?of=${of}`;
}

interface AuditPageProps {
  context: PageContext;
  of: AuditList;
  entries: readonly AuditEntry[];
  /** The cursor of the next page. */
  next: string | undefined;
  isFirst: boolean;
}

function AuditPage({ context, of, entries, next, isFirst }: AuditPageProps): JSX.Element {
  return (
    <Layout context={context} title="Audit log" here="/audit">
      <PageHead
        title="Audit log"
        below="Actions of users and of API keys, and failed sign-ins. The newest 10,000 entries of each are kept."
      />
      <Tabs label="Lists" tabs={tabs.map(({ of: each, name }) => ({ name, href: urlOf(each), current: each === of }))} />
      <section class="card flush">
        {entries.length === 0 ? (
          <EmptyState title="No entries" />
        ) : (
          <DataTable label="Audit log" columns={columns} rows={entries.map((entry) => row(context, entry))} />
        )}
      </section>
      <Pagination
        summary={entries.length === 1 ? '1 entry on this page' : `${entries.length} entries on this page`}
        first={isFirst ? undefined : urlOf(of)}
        older={next === undefined ? undefined : `/audit?${of === 'users' ? '' : `of=${of}&`}before=${encodeURIComponent(next)}`}
      />
    </Layout>
  );
}

/** The folders of the targets' pages, by action. Targets of other actions are names, and may be gone. */
const folders: ReadonlyMap<string, string> = new Map([
  ...[...mailActions, copyAction].map((action) => [action, '/mails'] as const),
  ...Object.values(bulkAuditActions).map((action) => [action, '/bulk'] as const),
]);

function row(context: PageContext, { at, who, role, action, target, detail, repeats }: AuditEntry): JSX.Element[] {
  const folder = folders.get(action);
  return [
    <When context={context} at={at} only="dateTime" />,
    <span>
      <b safe>{who}</b>{' '}
      <span class="muted" safe>
        {role}
      </span>
    </span>,
    <span safe>{actionName(action)}</span>,
    target === undefined || folder === undefined ? (
      <span safe>{target ?? '–'}</span>
    ) : (
      <a class="code" href={`${folder}/${encodeURIComponent(target)}`} safe>
        {target}
      </a>
    ),
    <span>
      <span safe>{detail ?? '–'}</span>
      {repeats !== undefined && repeats.count > 1 && (
        <span class="muted" safe>
          {`, the last of ${repeats.count} since ${context.time.dateTime(repeats.since)}`}
        </span>
      )}
    </span>,
  ];
}
