/** What people did, the latest first. */

import type { AuditEntry } from '@posthouse/queue';
import { EmptyState, PageHead } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { DataTable } from './data-table.tsx';
import { Layout } from './layout.tsx';
import { Pagination } from './pagination.tsx';
import { When } from './when.tsx';

const columns = [{ title: 'When' }, { title: 'Who' }, { title: 'What' }, { title: 'To what' }, { title: 'More' }];

/** One page of the log. */
export interface AuditPageProps {
  context: PageContext;
  entries: readonly AuditEntry[];
  /** The cursor of older ones, where there are any. */
  next: string | undefined;
  isFirst: boolean;
}

/** The whole page. */
export function AuditPage({ context, entries, next, isFirst }: AuditPageProps): JSX.Element {
  return (
    <Layout context={context} title="Audit log" here="/audit">
      <PageHead title="Audit log" below="What people did here. The newest 10,000 entries are kept." />
      <section class="card flush">
        {entries.length === 0 ? (
          <EmptyState title="Nobody has done anything" />
        ) : (
          <DataTable label="Audit log" columns={columns} rows={entries.map((entry) => row(context, entry))} />
        )}
      </section>
      <Pagination
        shown={entries.length === 1 ? '1 entry on this page' : `${entries.length} entries on this page`}
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
    <span safe>{action}</span>,
    target === undefined ? (
      <span>–</span>
    ) : (
      <a class="code" href={`${action.endsWith('bulk work') ? '/bulk' : '/mails'}/${encodeURIComponent(target)}`} safe>
        {target}
      </a>
    ),
    <span safe>{detail ?? '–'}</span>,
  ];
}
