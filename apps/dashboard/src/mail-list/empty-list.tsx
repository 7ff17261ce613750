/** What the list shows where no mail matches: which condition no mail has, or without which one there would be some. */
import type { MailFilter } from '@posthouse/contract';
import type { MailCount, MailList } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { mailsUrl, without } from '../mails/mail-search.ts';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import { formatCount } from './mail-count.ts';
import { describeFilter } from './mail-filter.tsx';

/** A condition, and how many mails match without it. */
interface Removal {
  name: keyof MailFilter;
  count: MailCount;
}

/** Why no mail matches. `absent`: conditions that no mail has. `removals`: where each has some, how many match without one of them. */
export interface Emptiness {
  absent: (keyof MailFilter)[];
  removals: Removal[];
}

/** @param filter that no mail matches @throws QueueUnavailable */
export async function explainEmpty(list: MailList, filter: MailFilter): Promise<Emptiness> {
  const names = Object.keys(filter) as (keyof MailFilter)[];
  const alone = await Promise.all(names.map((name) => list.count({ [name]: filter[name] })));
  const absent = names.filter((_, n) => alone[n]?.mails === 0);
  if (absent.length > 0 || names.length === 1) return { absent, removals: [] };
  const removals: Removal[] = [];
  // One after the other: each may check thousands of records.
  for (const name of names) {
    const count = await list.count(without(filter, name));
    if (count.mails > 0) removals.push({ name, count });
  }
  return { absent, removals };
}

/** @param emptiness of a filter with conditions */
export function NoMails({
  context,
  filter,
  emptiness,
}: {
  context: PageContext;
  filter: MailFilter;
  emptiness: Emptiness | undefined;
}): JSX.Element {
  if (emptiness === undefined) {
    return (
      <EmptyState title={t('No mails')} lit={false}>
        <p class="muted" safe>
          {t('Mails appear here as soon as the API accepts one.')}
        </p>
      </EmptyState>
    );
  }
  const described = new Map(describeFilter(context, filter).map((condition) => [condition.name, condition]));
  return (
    <EmptyState title={t('No matching mails')} lit={false}>
      {emptiness.absent.map((name) => (
        <p>
          <Text of="No mail on record has:" /> <b safe>{described.get(name)?.label ?? name}</b>{' '}
          <span safe>{described.get(name)?.value ?? ''}</span>{' '}
          <a href={mailsUrl(without(filter, name))} safe>
            {t('Remove this condition')}
          </a>
        </p>
      ))}
      {emptiness.removals.length > 0 && (
        <p safe>{t('Each condition matches some mails, but not together. Without one of them there are:')}</p>
      )}
      {emptiness.removals.map(({ name, count }) => (
        <p>
          <a href={mailsUrl(without(filter, name))}>
            <Text of="without {condition}" values={{ condition: described.get(name)?.label ?? name }} />
          </a>
          : <b safe>{formatCount(count)}</b>
        </p>
      ))}
      <p class="muted" safe>
        {t('Records are deleted some time after a mail has ended: by default, 7 days after it was sent, and 30 days after it failed.')}
      </p>
    </EmptyState>
  );
}
