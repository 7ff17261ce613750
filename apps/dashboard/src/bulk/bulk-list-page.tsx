/** The list of bulk actions, newest first. */
import type { BulkAction } from '@posthouse/queue';
import { EmptyState, PageHead } from '@posthouse/web';
import { bulkActionLabels } from '../mails/mail-actions.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Progress, When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { formatNumber, t } from '../ui/translate.ts';
import { BulkBadge } from './bulk-labels.tsx';

const columns = () => [
  { title: t('Action') },
  { title: t('State') },
  { title: t('Processed') },
  { title: t('Changed'), number: true },
  { title: t('User') },
  { title: t('Started') },
];

export function BulkListPage({ context, bulkActions }: { context: PageContext; bulkActions: readonly BulkAction[] }): JSX.Element {
  return (
    <Layout context={context} title={t('Bulk actions')} here="/bulk">
      <PageHead title={t('Bulk actions')} below={t('Actions on many mails. They run in the background.')} />
      <section class="card flush">
        {bulkActions.length === 0 ? (
          <EmptyState title={t('No bulk actions')}>
            <p class="muted" safe>
              {t('Start one from the failures or from the list of mails.')}
            </p>
            <p class="row">
              <a class="button quiet" href="/failures" safe>
                {t('Failures')}
              </a>
              <a class="button quiet" href="/mails" safe>
                {t('Mails')}
              </a>
            </p>
          </EmptyState>
        ) : (
          <DataTable label={t('Bulk actions')} columns={columns()} rows={bulkActions.map((bulk) => row(context, bulk))} />
        )}
      </section>
    </Layout>
  );
}

function row(context: PageContext, { id, action, state, processed, changed, estimate, by, createdAt }: BulkAction): JSX.Element[] {
  return [
    <a href={`/bulk/${id}`}>
      <b safe>{t(bulkActionLabels[action])}</b>
    </a>,
    <BulkBadge state={state} />,
    <Progress label={t('Processed')} done={processed} total={state === 'done' ? processed : estimate.mails} />,
    <span safe>{formatNumber(changed)}</span>,
    <span safe>{by}</span>,
    <When context={context} at={createdAt} only="relative" />,
  ];
}
