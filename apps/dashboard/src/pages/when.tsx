/** A time: how far away it is, and exactly, in the reader's zone. */
import type { Reader } from '../reader.ts';

/** @param at ms since the epoch; @param only `distance` alone, as a table has it; the exact time is then its title */
export function When({ reader, at, only }: { reader: Reader; at: number; only?: 'distance' | 'moment' }): JSX.Element {
  const moment = reader.moment(at);
  const distance = reader.distance(at);
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
