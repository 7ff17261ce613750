/** Names and descriptions for bulk actions. */
import type { BulkAction, BulkScope } from '@posthouse/queue';
import { describeFilter } from '../mails/mail-filter.tsx';
import { Badge, type BadgeProps } from '../ui/badge.tsx';
import type { PageContext } from '../ui/page-context.ts';

/** Which mails an action is for: `2 selected`, `State: Failed, Template: signup`. */
export function describeScope(context: PageContext, scope: BulkScope): string {
  if ('ids' in scope) return `${scope.ids.length} selected`;
  const conditions = describeFilter(context, scope.filter).map(({ label, value }) => `${label}: ${value}`);
  return conditions.length === 0 ? 'All mails' : conditions.join(', ');
}

const badges: Record<BulkAction['state'], BadgeProps> = {
  running: { tone: 'busy', icon: 'sending', label: 'Running' },
  stopped: { tone: 'quiet', icon: 'pause', label: 'Stopped' },
  done: { tone: 'good', icon: 'accepted', label: 'Done' },
  failed: { tone: 'bad', icon: 'failed', label: 'Failed' },
};

export function BulkBadge({ state }: Pick<BulkAction, 'state'>): JSX.Element {
  return <Badge {...badges[state]} />;
}
