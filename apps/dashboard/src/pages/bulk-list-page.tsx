/** Bulk work, what was begun last first. */

import type { BulkJob } from '@posthouse/queue';
import { EmptyState, PageHead } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { actionLabel, BulkBadge } from './bulk-labels.tsx';
import { DataTable } from './data-table.tsx';
import { Layout } from './layout.tsx';
import { Progress } from './progress.tsx';
import { When } from './when.tsx';

const columns = [
  { title: 'Work' },
  { title: 'State' },
  { title: 'Looked at' },
  { title: 'Changed', number: true },
  { title: 'By' },
  { title: 'BeginResult' },
];

/** The whole page. */
export function BulkListPage({ context, jobs }: { context: PageContext; jobs: readonly BulkJob[] }): JSX.Element {
  return (
    <Layout context={context} title="Bulk work" here="/bulk">
      <PageHead title="Bulk work" below="What is done to many mails at once. It goes on by itself, whatever page you look at." />
      <section class="card flush">
        {jobs.length === 0 ? (
          <EmptyState title="There is no bulk work">
            <p class="muted">
              Begin some from <a href="/failures">a failure group</a> or <a href="/mails">a list of mails</a>.
            </p>
          </EmptyState>
        ) : (
          <DataTable label="Bulk work" columns={columns} rows={jobs.map((job) => row(context, job))} />
        )}
      </section>
    </Layout>
  );
}

function row(context: PageContext, { id, action, state, seen, changed, estimate, by, createdAt }: BulkJob): JSX.Element[] {
  return [
    <a href={`/bulk/${id}`}>
      <b safe>{actionLabel(action)}</b>
    </a>,
    <BulkBadge state={state} />,
    <Progress label={`${actionLabel(action)}: looked at`} done={seen} all={state === 'done' ? seen : estimate.mails} />,
    <span safe>{changed.toLocaleString('en')}</span>,
    <span safe>{by}</span>,
    <When context={context} at={createdAt} only="relative" />,
  ];
}
