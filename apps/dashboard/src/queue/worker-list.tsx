/** The running workers. */
import type { LiveWorker } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';

const columns = [
  { title: 'Worker' },
  { title: 'Version' },
  { title: 'Concurrency', number: true },
  { title: 'Started' },
  { title: 'Last seen' },
];

/** @param workers those with a recent heartbeat */
export function WorkerList({ context, workers }: { context: PageContext; workers: readonly LiveWorker[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Workers</h2>
        <span class="muted number" safe>{`${workers.length} running`}</span>
      </div>
      {workers.length === 0 ? (
        <EmptyState title="No worker is running" lit={false}>
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

function row(context: PageContext, worker: LiveWorker): JSX.Element[] {
  const { host, pid, version, concurrency, startedAt, seenAt, clockSkewMs, providers } = worker;
  const unreachable = providers.flatMap(({ name, localFailure }) =>
    localFailure === undefined
      ? []
      : [[`Cannot reach ${name}: ${localFailure}`, explainReason(localFailure)].filter((part) => part !== undefined).join(', ')],
  );
  return [
    <div>
      <b safe>{host}</b> <span class="muted number" safe>{`process ${pid}`}</span>
      {clockSkewMs !== undefined && (
        <p class="muted" safe>
          {`Takes no mail: its clock is ${Math.round(Math.abs(clockSkewMs) / 1000)} s ${clockSkewMs > 0 ? 'ahead of' : 'behind'} that of Redis`}
        </p>
      )}
      {unreachable.map((text) => (
        <p class="muted" safe>
          {text}
        </p>
      ))}
    </div>,
    <span class="number" safe>
      {version}
    </span>,
    <span>{concurrency}</span>,
    <When context={context} at={startedAt} only="relative" />,
    <When context={context} at={seenAt} only="relative" />,
  ];
}
