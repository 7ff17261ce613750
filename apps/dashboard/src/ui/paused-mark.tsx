/** The mark beside the name of a template, tag or provider while it is paused. It leads to the queue, where the pause can be ended. */
import type { Pause } from '@posthouse/queue';
import { Icon } from '@posthouse/web';
import type { PageContext } from './page-context.ts';
import { t } from './translate.ts';

/** What has a name and can be paused. */
export interface Pausable {
  scope: 'template' | 'tag' | 'provider';
  name: string | undefined;
}

interface PausedMarkProps extends Pausable {
  context: PageContext;
  /** Without a visible word, where names are close together. */
  isSmall?: boolean;
}

/** Nothing where it is not paused. Who, why and until when are its title, and are read aloud. */
export function PausedMark({ context, scope, name, isSmall = false }: PausedMarkProps): JSX.Element {
  const pause = pauseOf(context, { scope, name });
  if (pause === undefined) return '';
  const details = pauseDetails(context, pause);
  return (
    <a class={['badge busy paused-mark', isSmall && 'small']} href="/queue" title={details}>
      <Icon name="pause" />
      <span class={isSmall ? 'visually-hidden' : undefined} safe>
        {t('Paused')}
      </span>
      <span class="visually-hidden" safe>{`: ${details}`}</span>
    </a>
  );
}

/** The pause of everything with this name, if there is one. */
export function pauseOf({ status }: PageContext, { scope, name }: Pausable): Pause | undefined {
  return name === undefined ? undefined : status?.pauses.find((pause) => pause.scope === scope && pause.name === name);
}

/** `paused by anne: broken receipt, since 26 Nov 2026, 08:38, until a user ends it`. */
export function pauseDetails({ time }: PageContext, { by, reason, since, until }: Pause): string {
  const parts = [
    reason === undefined ? t('paused by {by}', { by }) : t('paused by {by}: {reason}', { by, reason }),
    t('since {time}', { time: time.dateTime(since) }),
    until === undefined ? t('until a user ends it') : t('until {time}', { time: time.dateTime(until) }),
  ];
  return parts.join(', ');
}
