/** Who carries the mails out. */
import type { LiveWorker } from '@posthouse/queue';
import type { Reader } from '../reader.ts';
import { DataTable } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { When } from './when.tsx';

const columns = [
  { title: 'Worker' },
  { title: 'Version' },
  { title: 'At a time', number: true },
  { title: 'Started' },
  { title: 'Last heard of' },
];

/** @param workers those that are alive */
export function WorkerList({ reader, workers }: { reader: Reader; workers: readonly LiveWorker[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Workers</h2>
        <span class="soft number" safe>{`${workers.length} alive`}</span>
      </div>
      {workers.length === 0 ? (
        <EmptyState title="No worker is alive." lit={false}>
          <p class="soft">
            Start one: <code class="code">npm run worker</code>
          </p>
        </EmptyState>
      ) : (
        <DataTable label="Workers" columns={columns} rows={workers.map((worker) => row(reader, worker))} />
      )}
    </section>
  );
}

function row(reader: Reader, { host, pid, version, concurrency, startedAt, seenAt }: LiveWorker): JSX.Element[] {
  return [
    <div>
      <b safe>{host}</b> <span class="soft number" safe>{`process ${pid}`}</span>
    </div>,
    <span class="number" safe>
      {version}
    </span>,
    <span>{concurrency}</span>,
    <When reader={reader} at={startedAt} only="distance" />,
    <When reader={reader} at={seenAt} only="distance" />,
  ];
}
