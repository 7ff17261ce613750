/** Names and descriptions for bulk actions: their state, their mails, and why these failed. */
import type { BulkAction, BulkCause, BulkScope } from '@posthouse/queue';
import { describeFilter } from '../mail-list/mail-filter.tsx';
import { Badge, type BadgeProps } from '../ui/badge.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';
import { t, text } from '../ui/translate.ts';

/** Which mails an action is for: `2 selected`, `State: Failed, Template: signup`. */
export function describeScope(context: PageContext, scope: BulkScope): string {
  if ('ids' in scope) return t('{count, number} selected', { count: scope.ids.length });
  const conditions = describeFilter(context, scope.filter).map(({ label, value }) => `${label}: ${value}`);
  return conditions.length === 0 ? t('All mails') : conditions.join(', ');
}

/** Why the mails failed, one line for each failure group. */
export function CauseList({ causes }: { causes: readonly BulkCause[] }): JSX.Element {
  return (
    <ul class="plain-list">
      {causes.map(({ reason, template, provider, mails }) => (
        <li>
          <span class="code" safe>
            {reason}
          </span>{' '}
          <b safe>{explainReason(reason) ?? ''}</b>{' '}
          <span class="muted" safe>
            {[template ?? t('Custom content'), provider, t('{mails, plural, one {# mail} other {# mails}}', { mails })]
              .filter((part) => part !== undefined)
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

const badges: Record<BulkAction['state'], BadgeProps> = {
  running: { tone: 'busy', icon: 'sending', label: text('Running') },
  stopped: { tone: 'quiet', icon: 'pause', label: text('Stopped') },
  done: { tone: 'good', icon: 'accepted', label: text('Done') },
  failed: { tone: 'bad', icon: 'failed', label: text('Failed') },
};

export function BulkBadge({ state }: Pick<BulkAction, 'state'>): JSX.Element {
  return <Badge {...badges[state]} label={t(badges[state].label)} />;
}
