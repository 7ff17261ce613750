/** The history of a mail, newest first, with the SMTP commands and replies of each delivery attempt. */

import type { PropsWithChildren } from '@kitajs/html';
import type { MailRecord, ReasonCode, RecordedAction } from '@posthouse/contract';
import { apiKeyRole, copyAction, type Pause, type ProviderStatus, waitsForProvider } from '@posthouse/queue';
import { Icon } from '@posthouse/web';
import { type BadgeProps, stateBadge } from '../ui/badge.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { DeliveryTranscript, verdictBadge } from './delivery-transcript.tsx';
import { actionName, copyLabel } from './mail-actions.ts';
import { type TimelineEvent, timelineOf } from './timeline-events.ts';

interface TimelineProps {
  context: PageContext;
  record: MailRecord;
  /** Its copies, newest first. */
  copies: readonly MailRecord[];
  /** Those that hold it back. */
  pauses: readonly Pause[];
  /** Providers that are down, while no other can be used. */
  awaited: readonly ProviderStatus[];
}

export function MailTimeline({ context, record, copies, ...waiting }: TimelineProps): JSX.Element {
  return (
    <ol class="timeline" aria-label={t('History, newest first')}>
      {timelineOf(record, copies).map((event) =>
        event.kind === 'waiting' ? (
          <TimelineItem context={context} tone="wait" icon="clock" {...waitingItem(record, event.at, waiting)} />
        ) : (
          <TimelineEntry context={context} record={record} event={event} />
        ),
      )}
    </ol>
  );
}

/** @param at ms since the epoch; the children add detail */
type TimelineItemProps = PropsWithChildren<BadgeProps & { context: PageContext; at?: number | undefined }>;

function TimelineItem({ context, tone, icon, label, at, children }: TimelineItemProps): JSX.Element {
  return (
    <li class={tone}>
      <span class="mark">
        <Icon name={icon} />
      </span>
      <div>
        <p class="row">
          <b safe>{label}</b>
          {at !== undefined && <When context={context} at={at} />}
        </p>
        {children}
      </div>
    </li>
  );
}

const keyMissing: ReasonCode = 'key-missing';

type PastEvent = Exclude<TimelineEvent, { kind: 'waiting' }>;

function TimelineEntry({ context, record, event }: { context: PageContext; record: MailRecord; event: PastEvent }): JSX.Element {
  switch (event.kind) {
    case 'sending':
      return (
        <TimelineItem context={context} tone="busy" icon="sending" label={t('Being sent by a worker')} at={event.at}>
          {event.at !== undefined && (
            <p class="muted" safe>
              {t('Transmission of the message started; the relay has not replied yet.')}
            </p>
          )}
        </TimelineItem>
      );
    case 'ended':
      return <Ended context={context} record={record} at={event.at} />;
    case 'attempt': {
      const { number, ...attempt } = event.attempt;
      const { label, ...badge } = verdictBadge(event.attempt);
      return (
        <TimelineItem context={context} {...badge} label={t('Attempt {number}: {outcome}', { number, outcome: label })} at={event.at}>
          <DeliveryTranscript {...attempt} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'deferral': {
      if (event.deferral.reason === keyMissing) {
        return (
          <TimelineItem context={context} tone="wait" icon="clock" label={t('Put back by a worker')} at={event.at}>
            <p class="muted" safe>
              {t('Neither an attempt nor a deferral was counted.')}
            </p>
            <DeliveryTranscript {...event.deferral} isLatest={event.isLatest} />
          </TimelineItem>
        );
      }
      const label = t('{count, plural, one {Deferred once} other {Deferred # times, most recently}}', { count: event.count });
      return (
        <TimelineItem context={context} tone="wait" icon="clock" label={label} at={event.at}>
          <p class="muted" safe>
            {t('A problem of the provider, not of the mail. A deferral does not count as an attempt.')}
          </p>
          <DeliveryTranscript {...event.deferral} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'retried':
      return (
        <TimelineItem context={context} tone="quiet" icon="retrying" label={t('Retried')}>
          <p class="muted" safe>
            {t('The record no longer has by whom.')}
          </p>
        </TimelineItem>
      );
    case 'action': {
      const { action, bulk } = event.action;
      const { copyOf } = record;
      return (
        <TimelineItem
          context={context}
          tone="quiet"
          icon={action === 'cancel' ? 'failed' : 'retrying'}
          label={actionText(event.action)}
          at={event.at}
        >
          {bulk !== undefined && <TimelineLink href={`/bulk/${encodeURIComponent(bulk)}`} name={t('Bulk action')} />}
          {action === copyAction && copyOf !== undefined && (
            <TimelineLink href={`/mails/${encodeURIComponent(copyOf)}`} name={t('Original')} />
          )}
        </TimelineItem>
      );
    }
    case 'copied': {
      const { id, recipients, actions = [] } = event.copy;
      const sent = actions.find(({ action }) => action === copyAction);
      const to = recipients.map(({ address }) => address).join(', ');
      return (
        <TimelineItem context={context} tone="quiet" icon="copy" label={sent === undefined ? t(copyLabel) : actionText(sent)} at={event.at}>
          <TimelineLink href={`/mails/${id}`} name={t('Copy to {to}', { to })} />
        </TimelineItem>
      );
    }
    case 'omitted': {
      const label = t('{count, plural, one {# earlier attempt is} other {# earlier attempts are}} no longer kept', {
        count: event.attempts,
      });
      return <TimelineItem context={context} tone="quiet" icon="info" label={label} />;
    }
    case 'received':
      return (
        <TimelineItem
          context={context}
          tone="quiet"
          icon="queued"
          label={t('Received, API key {name}', { name: record.apiKey })}
          at={event.at}
        />
      );
  }
}

/** What a mail that waits is waiting for. @param at when it is due, ms since the epoch */
function waitingItem(
  { attemptCount }: MailRecord,
  at: number,
  { pauses, awaited }: Pick<TimelineProps, 'pauses' | 'awaited'>,
): { label: string; at?: number } {
  const isDue = at <= Date.now();
  if (pauses.length > 0 && isDue) return { label: t('Due, held back by a pause'), at };
  if (pauses.length === 0 && waitsForProvider(at, awaited))
    return isDue ? { label: t('Due, waiting for the provider'), at } : { label: t('Waiting for the provider') };
  if (isDue) return { label: t('Due, waiting for a worker'), at };
  return { label: attemptCount === 0 ? t('First attempt') : t('Next attempt'), at };
}

/** `Retry by anne`. */
function actionText({ action, who, role }: RecordedAction): string {
  return t('{action} by {who}', { action: actionName(action), who: role === apiKeyRole ? t('API key {name}', { name: who }) : who });
}

function TimelineLink({ href, name }: { href: string; name: string }): JSX.Element {
  return (
    <p>
      <a href={href} safe>
        {name}
      </a>
    </p>
  );
}

function Ended({ context, record, at }: { context: PageContext; record: MailRecord; at: number }): JSX.Element {
  const isResolved = record.recipients.some(({ resolved }) => resolved);
  return (
    <TimelineItem context={context} {...stateBadge(record.state, record.partial)} at={at}>
      {isResolved && (
        <p class="muted" safe>
          {t('Marked as delivered by a user.')}
        </p>
      )}
    </TimelineItem>
  );
}
