/** A time: in the user's time zone, and relative to now. */
import type { PageContext } from '../page-context.ts';

/** @param at ms since the epoch @param only shows one of both; `relative` has the exact time as its title */
export function When({ context, at, only }: { context: PageContext; at: number; only?: 'relative' | 'dateTime' }): JSX.Element {
  const dateTime = context.time.dateTime(at);
  return (
    <time class="when" datetime={new Date(at).toISOString()} title={only === 'relative' ? dateTime : undefined}>
      {only !== 'relative' && (
        <span class="number" safe>
          {dateTime}
        </span>
      )}{' '}
      {only !== 'dateTime' && (
        <span class="muted" safe>
          {context.time.relative(at)}
        </span>
      )}
    </time>
  );
}
