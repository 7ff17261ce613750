/** How long mails wait: from when they are due until a relay accepts them. */
import type { Quantiles } from '@posthouse/queue';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import { formatDuration } from './duration-text.ts';

interface WaitCardProps {
  context: PageContext;
  /** In the period of the page; undefined where no mail was sent. */
  wait: Quantiles | undefined;
  /** When the oldest queued mail was due, ms since the epoch; undefined when none is queued. */
  oldest: number | undefined;
  /** The period; the last hour by default. */
  period?: string;
}

export function WaitCard({ context, wait, oldest, period = t('last hour') }: WaitCardProps): JSX.Element {
  return (
    <section class="card stack" aria-label={t('How long mails wait')}>
      <h2 safe>{t('How long mails wait')}</h2>
      <p>
        {wait === undefined ? (
          <Text of="No mail was sent ({period})." values={{ period }} />
        ) : (
          <Text
            of="From due to accepted by the relay ({period}): half within {half}, 95 % within {limit}."
            values={{ period, half: formatDuration(wait.p50), limit: formatDuration(wait.p95) }}
          />
        )}{' '}
        {oldest === undefined ? (
          <Text of="No mail is waiting." />
        ) : (
          <>
            <Text of="The oldest waiting mail was due" /> <When context={context} at={oldest} only="relative" />.
          </>
        )}
      </p>
    </section>
  );
}
