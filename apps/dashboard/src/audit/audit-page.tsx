/** `/audit`: what users did, newest first. For admins. */
import { type AuditEntry, AuditLog, CursorError, type RequestConnection } from '@posthouse/queue';
import { EmptyState, HttpError, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actionLabels } from '../mails/mail-actions.ts';
import { DataTable, Pagination } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';

const pageSize = 50;

const columns = [{ title: 'When' }, { title: 'User' }, { title: 'Action' }, { title: 'Target' }, { title: 'Details' }];

/** @returns the route, as a plugin */
export function auditRoutes(connection: RequestConnection): FastifyPluginAsync {
  const log = new AuditLog(connection);
  return async (app) => {
    app.get<{ Querystring: { before?: unknown } }>('/audit', { config: { role: 'admin' } }, async ({ context, query }, reply) => {
      const before = query.before === undefined ? undefined : String(query.before);
      const { entries, next } = await log.page(pageSize, before).catch((error: Error) => {
        if (!(error instanceof CursorError)) throw error;
        throw new HttpError(400, 'Invalid page link', 'The link is incomplete or was changed. Start again from the newest entries.');
      });
      return sendPage(reply, <AuditPage context={context} entries={entries} next={next} isFirst={before === undefined} />);
    });
  };
}

interface AuditPageProps {
  context: PageContext;
  entries: readonly AuditEntry[];
  /** The cursor of the next page. */
  next: string | undefined;
  isFirst: boolean;
}

function AuditPage({ context, entries, next, isFirst }: AuditPageProps): JSX.Element {
  return (
    <Layout context={context} title="Audit log" here="/audit">
      <PageHead title="Audit log" below="User actions. The newest 10,000 entries are kept." />
      <section class="card flush">
        {entries.length === 0 ? (
          <EmptyState title="No entries" />
        ) : (
          <DataTable label="Audit log" columns={columns} rows={entries.map((entry) => row(context, entry))} />
        )}
      </section>
      <Pagination
        summary={entries.length === 1 ? '1 entry on this page' : `${entries.length} entries on this page`}
        first={isFirst ? undefined : '/audit'}
        older={next === undefined ? undefined : `/audit?before=${encodeURIComponent(next)}`}
      />
    </Layout>
  );
}

function row(context: PageContext, { at, who, role, action, target, detail }: AuditEntry): JSX.Element[] {
  return [
    <When context={context} at={at} only="dateTime" />,
    <span>
      <b safe>{who}</b>{' '}
      <span class="muted" safe>
        {role}
      </span>
    </span>,
    <span safe>{actionName(action)}</span>,
    target === undefined ? (
      <span>–</span>
    ) : (
      <a class="code" href={`${action.endsWith('bulk action') ? '/bulk' : '/mails'}/${encodeURIComponent(target)}`} safe>
        {target}
      </a>
    ),
    <span safe>{detail ?? '–'}</span>,
  ];
}

/** The action on a mail by its label; any other entry, such as `sign in`, as it is recorded. */
function actionName(action: string): string {
  const label = Object.entries(actionLabels).find(([name]) => name === action)?.[1];
  return label ?? action.charAt(0).toUpperCase() + action.slice(1);
}
