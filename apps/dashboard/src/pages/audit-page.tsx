/** What people did, the latest first. */
import type { AuditEntry } from '@posthouse/queue';
import type { Reader } from '../reader.ts';
import { DataTable } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { Layout, PageHead } from './layout.tsx';
import { PageTurner } from './page-turner.tsx';
import { When } from './when.tsx';

const columns = [{ title: 'When' }, { title: 'Who' }, { title: 'What' }, { title: 'To what' }, { title: 'More' }];

/** One page of the log. */
export interface AuditPageProps {
  reader: Reader;
  entries: readonly AuditEntry[];
  /** The cursor of older ones, where there are any. */
  next: string | undefined;
  isFirst: boolean;
}

/** The whole page. */
export function AuditPage({ reader, entries, next, isFirst }: AuditPageProps): JSX.Element {
  return (
    <Layout reader={reader} title="Audit log" here="/audit">
      <PageHead title="Audit log" below="What people did here. The newest 10,000 entries are kept." />
      <section class="card flush">
        {entries.length === 0 ? (
          <EmptyState title="Nobody has done anything" />
        ) : (
          <DataTable label="Audit log" columns={columns} rows={entries.map((entry) => row(reader, entry))} />
        )}
      </section>
      <PageTurner
        shown={entries.length === 1 ? '1 entry on this page' : `${entries.length} entries on this page`}
        first={isFirst ? undefined : '/audit'}
        older={next === undefined ? undefined : `/audit?before=${encodeURIComponent(next)}`}
      />
    </Layout>
  );
}

function row(reader: Reader, { at, who, role, action, target, detail }: AuditEntry): JSX.Element[] {
  return [
    <When reader={reader} at={at} only="moment" />,
    <span>
      <b safe>{who}</b>{' '}
      <span class="soft" safe>
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
