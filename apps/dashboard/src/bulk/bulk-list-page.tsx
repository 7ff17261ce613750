/** The list of bulk actions, newest first. */
import type { BulkAction } from '@posthouse/queue';
import { EmptyState, PageHead } from '@posthouse/web';
import { actionLabels } from '../mails/mail-actions.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Progress, When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { BulkBadge } from './bulk-labels.tsx';

const columns = [
  { title: 'Action' },
  { title: 'State' },
  { title: 'Processed' },
  { title: 'Changed', number: true },
  { title: 'User' },
  { title: 'Started' },
];

export function BulkListPage({ context, bulkActions }: { context: PageContext; bulkActions: readonly BulkAction[] }): JSX.Element {
  return (
    <Layout context={context} title="Bulk actions" here="/bulk">
      <PageHead title="Bulk actions" below="Actions on many mails. They run in the background." />
      <section class="card flush">
        {bulkActions.length === 0 ? (
          <EmptyState title="No bulk actions">
            <p class="muted">
              Start one from <a href="/failures">a failure group</a> or <a href="/mails">the list of mails</a>.
            </p>
          </EmptyState>
        ) : (
          <DataTable label="Bulk actions" columns={columns} rows={bulkActions.map((bulk) => row(context, bulk))} />
        )}
      </section>
    </Layout>
  );
}

function row(context: PageContext, { id, action, state, processed, changed, estimate, by, createdAt }: BulkAction): JSX.Element[] {
  return [
    <a href={`/bulk/${id}`}>
      <b safe>{actionLabels[action]}</b>
    </a>,
    <BulkBadge state={state} />,
    <Progress label={`${actionLabels[action]}: processed`} done={processed} total={state === 'done' ? processed : estimate.mails} />,
    <span safe>{changed.toLocaleString('en')}</span>,
    <span safe>{by}</span>,
    <When context={context} at={createdAt} only="relative" />,
  ];
}
