/** The running workers. */
import type { LiveWorker } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';
import { Text, t } from '../ui/translate.ts';

/** @param workers those with a recent heartbeat */
export function WorkerList({ context, workers }: { context: PageContext; workers: readonly LiveWorker[] }): JSX.Element {
  const columns = [
    { title: t('Worker') },
    { title: t('Version') },
    { title: t('Concurrency'), number: true },
    { title: t('Started') },
    { title: t('Last heartbeat') },
  ];
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('Workers')}</h2>
        <span class="muted number" safe>
          {t('{count} running', { count: workers.length })}
        </span>
      </div>
      {workers.length === 0 ? (
        <EmptyState title={t('No worker is running')} lit={false}>
          <p class="muted">
            <Text of="Start one:" /> <code class="code">npm run worker</code>
          </p>
        </EmptyState>
      ) : (
        <DataTable label={t('Workers')} columns={columns} rows={workers.map((worker) => row(context, worker))} />
      )}
    </section>
  );
}

function row(context: PageContext, worker: LiveWorker): JSX.Element[] {
  const { host, pid, version, concurrency, startedAt, seenAt, clockSkewMs, providers } = worker;
  const unreachable = providers.flatMap(({ name, localFailure }) =>
    localFailure === undefined
      ? []
      : [
          [t('Cannot reach {name}: {reason}', { name, reason: localFailure }), explainReason(localFailure)]
            .filter((part) => part !== undefined)
            .join(', '),
        ],
  );
  return [
    <div>
      <b safe>{host}</b>{' '}
      <span class="muted number" safe>
        {t('process {pid}', { pid: String(pid) })}
      </span>
      {clockSkewMs !== undefined && (
        <p class="muted" safe>
          {clockSkewMs > 0
            ? t('Takes no mail: its clock is {seconds} s ahead of that of Redis', { seconds: Math.round(clockSkewMs / 1000) })
            : t('Takes no mail: its clock is {seconds} s behind that of Redis', { seconds: Math.round(-clockSkewMs / 1000) })}
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
