/** The number of mails in each state that is not over; each tile links to them. */
import type { MailState } from '@posthouse/contract';
import { Icon, type IconName } from '@posthouse/web';
import type { Tone } from '../ui/badge.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { formatNumber, t } from '../ui/translate.ts';
import type { Overview } from './overview-cache.ts';

export function Tiles({ context, overview: { counts, due } }: { context: PageContext; overview: Overview }): JSX.Element {
  const oldest = due.oldestAt === undefined ? undefined : t('oldest due {time}', { time: context.time.relative(due.oldestAt) });
  const queued = counts.queued === 0 ? t('none is queued') : (oldest ?? t('none is due'));
  // Of no queued mails, what is due is a retry.
  const retrying = (counts.queued === 0 && oldest) || t('will be retried automatically');
  return (
    <section class="tiles" aria-label={t('Mails now')}>
      <Tile state="queued" name={t('Queued')} below={queued} count={counts.queued} icon="queued" tone="wait" />
      <Tile state="sending" name={t('Sending')} below={t('being sent')} count={counts.sending} icon="sending" tone="busy" />
      <Tile state="retrying" name={t('Retrying')} below={retrying} count={counts.retrying} icon="retrying" tone="busy" />
      <Tile state="scheduled" name={t('Scheduled')} below={t('to be sent later')} count={counts.scheduled} icon="clock" tone="wait" />
      <Tile state="uncertain" name={t('Uncertain')} below={t('need a decision')} count={counts.uncertain} icon="unsure" tone="unsure" />
      <Tile state="failed" name={t('Failed')} below={t('permanent failure')} count={counts.failed} icon="failed" tone="bad" />
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
        {formatNumber(count)}
      </b>
      <span class="muted" safe>
        {below}
      </span>
    </a>
  );
}
