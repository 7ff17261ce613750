/** The causes with the most failing mails, as the overview shows them. */
import { limits } from '@posthouse/contract';
import type { FailureCause } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { StateBadge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark, pauseOf } from '../ui/paused-mark.tsx';
import { explainReason } from '../ui/reason-explanations.tsx';
import { formatNumber, t } from '../ui/translate.ts';

/** @param causes largest first */
export function FailureList({ context, causes }: { context: PageContext; causes: readonly FailureCause[] }): JSX.Element {
  const columns = [t('Mails'), t('Reason'), t('Template'), t('Provider'), t('Last seen')].map((title) => ({ title }));
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('Top failures')}</h2>
        {causes.length > 0 && (
          <a href="/failures" safe>
            {t('All failures')}
          </a>
        )}
      </div>
      {causes.length === 0 ? (
        <EmptyState title={t('No failing mails')}>
          <p class="muted" safe>
            {t('No mail has failed, is uncertain or is being retried.')}
          </p>
        </EmptyState>
      ) : (
        <DataTable label={t('Top failures')} columns={columns} rows={causes.map((cause) => row(context, cause))} />
      )}
    </section>
  );
}

function row(context: PageContext, { groups, mails, reason, lastAt }: FailureCause): JSX.Element[] {
  return [
    <a href={mailsUrl({ group: groupIds({ groups }) })}>
      <b safe>{formatNumber(mails)}</b>
    </a>,
    <div class="row">
      <StateBadges groups={groups} />
      <code class="code" safe>
        {reason}
      </code>
      <span class="muted" safe>
        {explainReason(reason) ?? ''}
      </span>
    </div>,
    <Names context={context} groups={groups} of="template" />,
    <Names context={context} groups={groups} of="provider" />,
    <When context={context} at={lastAt} only="relative" />,
  ];
}

type Groups = Pick<FailureCause, 'groups'>;

/** The groups of a cause as a filter takes them: the largest, where there are more than one filter may name. */
export function groupIds({ groups }: Groups): string[] {
  return groups.slice(0, limits.filterGroups).map(({ group }) => group);
}

/** A badge for each state that mails of the groups are in. */
export function StateBadges({ groups }: Groups): JSX.Element {
  const states = [...new Set(groups.map(({ state }) => state))];
  return (
    <>
      {states.map((state) => (
        <StateBadge state={state} partial={state === 'sent'} />
      ))}
    </>
  );
}

/** Names that the groups have in common, those with the most mails first; how many more there are, after the first two and those paused. */
export function Names({ context, groups, of }: Groups & { context: PageContext; of: 'template' | 'provider' }): JSX.Element {
  const names = [...new Set(groups.map((group) => group[of]))];
  const shown = names.filter((name, n) => n < 2 || pauseOf(context, { scope: of, name }) !== undefined);
  const more = names.length - shown.length;
  return (
    <span>
      {shown.map((name, n) => (
        <>
          {n > 0 && ', '}
          <span class="marked">
            <span safe>{name ?? (of === 'template' ? t('Custom content') : '–')}</span>
            <PausedMark isSmall context={context} scope={of} name={name} />
          </span>
        </>
      ))}
      {more > 0 && <span safe>{` ${t('and {count} more', { count: more })}`}</span>}
    </span>
  );
}
