/** The number of mails in each state that is not over; each tile links to them. */
import type { MailState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';
import type { Tone } from '../ui/badge.tsx';
import type { PageContext } from '../ui/page-context.ts';
import type { Overview } from './overview-cache.ts';

export function Tiles({ context, overview: { counts, oldestWaiting } }: { context: PageContext; overview: Overview }): JSX.Element {
  const oldest = oldestWaiting === undefined ? 'queue is empty' : `oldest due ${context.time.relative(oldestWaiting)}`;
  return (
    <section class="tiles" aria-label="Mails now">
      <Tile state="queued" name="Queued" below={oldest} count={counts.queued} icon="queued" tone="wait" />
      <Tile state="sending" name="Sending" below="being sent" count={counts.sending} icon="sending" tone="busy" />
      <Tile state="retrying" name="Retrying" below="will be retried automatically" count={counts.retrying} icon="retrying" tone="busy" />
      <Tile state="scheduled" name="Scheduled" below="to be sent later" count={counts.scheduled} icon="clock" tone="wait" />
      <Tile state="uncertain" name="Uncertain" below="need a decision" count={counts.uncertain} icon="unsure" tone="unsure" />
      <Tile state="failed" name="Failed" below="permanent failure" count={counts.failed} icon="failed" tone="bad" />
    </section>
  );
}

interface TileProps {
  state: MailState;
  name: string;
  below: string;
  count: number;
  icon: IconName;
  /** Used while the count is not 0. */
  tone: Tone;
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
