/** Bulk work in words. */

import type { BulkJob, BulkScope, MailCount } from '@posthouse/queue';
import type { IconName } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { Badge, type Tone } from './badge.tsx';
import { bulkActions } from './bulk-actions.ts';
import { describeFilter } from './filter-description.ts';

/** What a button for it says. */
export function actionLabel(action: BulkJob['action']): string {
  return bulkActions(undefined).find((choice) => choice.action === action)?.word ?? action;
}

/** `1 mail`, `about 1,200 mails`. */
export function formatCount({ mails, exact }: MailCount): string {
  return `${exact ? '' : 'about '}${mails.toLocaleString('en')} ${mails === 1 ? 'mail' : 'mails'}`;
}

/** Which mails it is for. */
export function describeScope(context: PageContext, scope: BulkScope): string {
  if ('ids' in scope) return scope.ids.length === 1 ? 'one that was chosen' : `${scope.ids.length} that were chosen`;
  const words = describeFilter(context, scope.filter).map(({ word, value }) => `${word}: ${value}`);
  return words.length === 0 ? 'all that are on record' : words.join(', ');
}

const states: Record<BulkJob['state'], { tone: Tone; icon: IconName; word: string }> = {
  running: { tone: 'busy', icon: 'sending', word: 'Running' },
  stopped: { tone: 'quiet', icon: 'pause', word: 'Stopped' },
  done: { tone: 'good', icon: 'accepted', word: 'Done' },
  failed: { tone: 'bad', icon: 'failed', word: 'Broken off' },
};

/** Where it is in its life. */
export function BulkBadge({ state }: Pick<BulkJob, 'state'>): JSX.Element {
  return <Badge {...states[state]} />;
}
