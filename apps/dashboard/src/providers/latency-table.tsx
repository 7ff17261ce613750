/** How long mails wait from when they are due until a relay accepts them, by provider and by template. */
import type { ProviderFigures, Quantiles } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { formatDuration, minForShares } from '../ui/duration-text.ts';
import { formatNumber, t } from '../ui/translate.ts';

interface LatencyProps {
  figures: ReadonlyMap<string, ProviderFigures>;
  /** By template; '' for mails without one. */
  templates: ReadonlyMap<string, Quantiles>;
}

export function LatencyTable({ figures, templates }: LatencyProps): JSX.Element {
  const columns: Column[] = [
    { title: t('Provider or template') },
    { title: t('Mails'), number: true },
    { title: t('Half within'), number: true },
    { title: t('95 % within'), number: true },
    { title: t('99 % within'), number: true },
    { title: t('All within'), number: true },
  ];
  const ofProviders = [...figures].flatMap(([name, { wait }]) => (wait === undefined ? [] : [row(name, t('Provider'), wait)]));
  const ofTemplates = [...templates]
    .sort(([a, one], [b, other]) => other.p95 - one.p95 || (a < b ? -1 : 1))
    .map(([name, wait]) => (name === '' ? row(t('Custom content'), '', wait) : row(name, t('Template'), wait)));
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('From due to accepted by the relay')}</h2>
      </div>
      {ofProviders.length === 0 ? (
        <EmptyState title={t('No mail was sent')} />
      ) : (
        <DataTable label={t('From due to accepted by the relay')} columns={columns} rows={[...ofProviders, ...ofTemplates]} />
      )}
    </section>
  );
}

function row(name: string, kind: string, { count, p50, p95, p99, all }: Quantiles): JSX.Element[] {
  return [
    <div>
      <b safe>{name}</b>{' '}
      <span class="muted" safe>
        {kind}
      </span>
    </div>,
    <span safe>{formatNumber(count)}</span>,
    ...[p50, p95, p99].map((ms) => <span safe>{count < minForShares ? '–' : formatDuration(ms)}</span>),
    <span safe>{formatDuration(all)}</span>,
  ];
}
