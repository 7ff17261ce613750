/** Who carries the mails out. */

import type { LiveWorker } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { DataTable } from './data-table.tsx';
import { When } from './when.tsx';

const columns = [
  { title: 'Worker' },
  { title: 'Version' },
  { title: 'At a time', number: true },
  { title: 'Started' },
  { title: 'Last heard of' },
];

/** @param workers those that are alive */
export function WorkerList({ context, workers }: { context: PageContext; workers: readonly LiveWorker[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Workers</h2>
        <span class="muted number" safe>{`${workers.length} alive`}</span>
      </div>
      {workers.length === 0 ? (
        <EmptyState title="No worker is alive." lit={false}>
          <p class="muted">
            Start one: <code class="code">npm run worker</code>
          </p>
        </EmptyState>
      ) : (
        <DataTable label="Workers" columns={columns} rows={workers.map((worker) => row(context, worker))} />
      )}
    </section>
  );
}

function row(context: PageContext, { host, pid, version, concurrency, startedAt, seenAt }: LiveWorker): JSX.Element[] {
  return [
    <div>
      <b safe>{host}</b> <span class="muted number" safe>{`process ${pid}`}</span>
    </div>,
    <span class="number" safe>
      {version}
    </span>,
    <span>{concurrency}</span>,
    <When context={context} at={startedAt} only="relative" />,
    <When context={context} at={seenAt} only="relative" />,
  ];
}
