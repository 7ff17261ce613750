/** How many mails are where; each figure leads to them. */

import type { MailState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';
import type { Overview } from '../overview.ts';
import type { PageContext } from '../page-context.ts';
import type { Tone } from './badge.tsx';

interface TileProps {
  state: MailState;
  name: string;
  below: string;
  count: number;
  icon: IconName;
  /** Of the figure, while it is not 0. */
  tone: Tone;
}

/** All of them. */
export function Tiles({ context, overview: { counts, oldestWaiting } }: { context: PageContext; overview: Overview }): JSX.Element {
  const oldest = oldestWaiting === undefined ? 'nothing waits' : `the oldest is due ${context.time.relative(oldestWaiting)}`;
  return (
    <section class="tiles" aria-label="Mails now">
      <Tile state="queued" name="Waiting now" below={oldest} count={counts.queued} icon="queued" tone="wait" />
      <Tile state="sending" name="Sending" below="in a worker's hands" count={counts.sending} icon="sending" tone="busy" />
      <Tile state="retrying" name="Retrying" below="go out again by themselves" count={counts.retrying} icon="retrying" tone="busy" />
      <Tile state="scheduled" name="Scheduled" below="for a time to come" count={counts.scheduled} icon="clock" tone="wait" />
      <Tile state="uncertain" name="Uncertain" below="need somebody to decide" count={counts.uncertain} icon="unsure" tone="unsure" />
      <Tile state="failed" name="Failed" below="refused for good" count={counts.failed} icon="failed" tone="bad" />
    </section>
  );
}

function Tile({ state, name, below, count, icon, tone }: TileProps): JSX.Element {
  return (
    <a class={['tile', count === 0 ? 'quiet' : tone]} href={`/mails?state=${state}`}>
      <span class="row">
        <Icon name={icon} />
        <span safe>{name}</span>
      </span>
      <b class="number" safe>
        {count.toLocaleString('en')}
      </b>
      <span class="muted" safe>
        {below}
      </span>
    </a>
  );
}
