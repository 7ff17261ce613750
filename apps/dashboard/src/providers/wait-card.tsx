/** How long mails wait: from when they are due until a relay accepts them. */
import type { Quantiles, WaitingMails } from '@posthouse/queue';
import { formatDuration, minForShares } from '../ui/duration-text.ts';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';

interface WaitCardProps {
  context: PageContext;
  /** In the period of the page; undefined where no mail was sent. */
  wait: Quantiles | undefined;
  /** The mails that could be sent now. */
  due: WaitingMails;
  /** The period; the last hour by default. */
  period?: string;
}

export function WaitCard({ context, wait, due, period = t('last hour') }: WaitCardProps): JSX.Element {
  return (
    <section class="card stack" aria-label={t('How long mails wait')}>
      <h2 safe>{t('How long mails wait')}</h2>
      <p>
        {wait === undefined ? (
          <Text of="No mail was sent ({period})." values={{ period }} />
        ) : wait.count < minForShares ? (
          <Text
            of="From due to accepted by the relay ({period}): {count, plural, one {# mail} other {all # mails}} within {limit}."
            values={{ period, count: wait.count, limit: formatDuration(wait.all) }}
          />
        ) : (
          <Text
            of="From due to accepted by the relay ({period}): half within {half}, 95 % within {limit}."
            values={{ period, half: formatDuration(wait.p50), limit: formatDuration(wait.p95) }}
          />
        )}{' '}
        {due.oldestAt === undefined ? (
          <Text of="No mail is due." />
        ) : (
          <>
            <Text
              of="{count, plural, one {# mail is due and waits. It was due} other {# mails are due and wait. The oldest was due}}"
              values={{ count: due.mails }}
            />{' '}
            <When context={context} at={due.oldestAt} only="relative" />.
          </>
        )}
      </p>
    </section>
  );
}
