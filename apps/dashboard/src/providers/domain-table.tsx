/** The recipient domains to which most mail fails in the period of the page. */
import type { DomainFigures } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { formatShare } from '../ui/duration-text.ts';
import { formatNumber, t } from '../ui/translate.ts';

export function DomainTable({ domains }: { domains: readonly DomainFigures[] }): JSX.Element {
  const columns: Column[] = [
    { title: t('Recipient domain') },
    { title: t('Sent'), number: true },
    { title: t('Failed'), number: true },
    { title: t('Temporary'), number: true },
  ];
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('Recipient domains with failures')}</h2>
      </div>
      {domains.length === 0 ? (
        <EmptyState title={t('No recipient was refused')} />
      ) : (
        <DataTable label={t('Recipient domains with failures')} columns={columns} rows={domains.map(row)} />
      )}
    </section>
  );
}

function row({ domain, sent, failed, retried }: DomainFigures): JSX.Element[] {
  const total = sent + failed + retried;
  return [
    <a href={mailsUrl({ recipient: domain })} safe>
      {domain}
    </a>,
    <span safe>{formatNumber(sent)}</span>,
    ...[failed, retried].map((count) => <span safe>{count === 0 ? '0' : `${formatNumber(count)} (${formatShare(count, total)})`}</span>),
  ];
}
