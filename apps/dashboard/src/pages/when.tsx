/** A time: how far away it is, and exactly, in the reader's zone. */
import type { PageContext } from '../page-context.ts';

/** @param at ms since the epoch; @param only `distance` alone, as a table has it; the exact time is then its title */
export function When({ context, at, only }: { context: PageContext; at: number; only?: 'distance' | 'moment' }): JSX.Element {
  const moment = context.moment(at);
  const distance = context.distance(at);
  return (
    <time class="when" datetime={new Date(at).toISOString()} title={only === 'distance' ? moment : undefined}>
      {only !== 'distance' && (
        <span class="number" safe>
          {moment}
        </span>
      )}{' '}
      {only !== 'moment' && (
        <span class="soft" safe>
          {distance}
        </span>
      )}
    </time>
  );
}
