/** The history of a mail, newest first, with the SMTP commands and replies of each delivery attempt. */

import type { PropsWithChildren } from '@kitajs/html';
import type { Attempt, Deferral, MailRecord, ReasonCode, RecordedOutcome, Verdict } from '@posthouse/contract';
import { apiKeyRole } from '@posthouse/queue';
import { Icon } from '@posthouse/web';
import { type BadgeProps, stateBadge } from '../ui/badge.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Reason } from '../ui/reason-explanations.tsx';
import { actionName } from './mail-actions.ts';
import { type TimelineEvent, timelineOf } from './timeline-events.ts';

export function MailTimeline({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  return (
    <ol class="timeline" aria-label="History, newest first">
      {timelineOf(record).map((event) => (
        <TimelineEntry context={context} record={record} event={event} />
      ))}
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

const verdicts: Record<Verdict, BadgeProps> = {
  ACCEPT: { tone: 'good', icon: 'accepted', label: 'accepted by the relay' },
  RETRY: { tone: 'busy', icon: 'retrying', label: 'temporary failure' },
  DEFER: { tone: 'wait', icon: 'clock', label: 'deferred, provider not available' },
  OPEN: { tone: 'wait', icon: 'clock', label: 'deferred, provider not available' },
  FAIL: { tone: 'bad', icon: 'failed', label: 'permanent failure' },
  UNKNOWN: { tone: 'unsure', icon: 'unsure', label: 'outcome unknown' },
};

function TimelineEntry({ context, record, event }: { context: PageContext; record: MailRecord; event: TimelineEvent }): JSX.Element {
  switch (event.kind) {
    case 'waiting':
      return <TimelineItem context={context} tone="wait" icon="clock" label={waitingLabel(record, event.at)} at={event.at} />;
    case 'sending':
      return (
        <TimelineItem context={context} tone="busy" icon="sending" label="Being sent by a worker" at={event.at}>
          {event.at !== undefined && <p class="muted">Transmission of the message started; the relay has not replied yet.</p>}
        </TimelineItem>
      );
    case 'ended':
      return <Ended context={context} record={record} at={event.at} />;
    case 'attempt': {
      const { number, ...attempt } = event.attempt;
      const { label, ...badge } = verdictBadge(event.attempt);
      return (
        <TimelineItem context={context} {...badge} label={`Attempt ${number}: ${label}`} at={event.at}>
          <DeliveryAttempt {...attempt} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'deferral': {
      if (event.deferral.reason === keyMissing) {
        return (
          <TimelineItem context={context} tone="wait" icon="clock" label="Put back by a worker" at={event.at}>
            <p class="muted">Neither an attempt nor a deferral was counted.</p>
            <DeliveryAttempt {...event.deferral} isLatest={event.isLatest} />
          </TimelineItem>
        );
      }
      const label = event.count === 1 ? 'Deferred once' : `Deferred ${event.count} times, most recently`;
      return (
        <TimelineItem context={context} tone="wait" icon="clock" label={label} at={event.at}>
          <p class="muted">A problem of the provider, not of the mail. A deferral does not count as an attempt.</p>
          <DeliveryAttempt {...event.deferral} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'retried':
      return (
        <TimelineItem context={context} tone="quiet" icon="retrying" label="Retried">
          <p class="muted">The record no longer has by whom.</p>
        </TimelineItem>
      );
    case 'action': {
      const { action, who, role, bulk } = event.action;
      const label = `${actionName(action)} by ${role === apiKeyRole ? `API key ${who}` : who}`;
      return (
        <TimelineItem context={context} tone="quiet" icon={action === 'cancel' ? 'failed' : 'retrying'} label={label} at={event.at}>
          {bulk !== undefined && (
            <p>
              <a href={`/bulk/${encodeURIComponent(bulk)}`}>Bulk action</a>
            </p>
          )}
        </TimelineItem>
      );
    }
    case 'omitted': {
      const label = event.attempts === 1 ? '1 earlier attempt is no longer kept' : `${event.attempts} earlier attempts are no longer kept`;
      return <TimelineItem context={context} tone="quiet" icon="info" label={label} />;
    }
    case 'received':
      return <TimelineItem context={context} tone="quiet" icon="queued" label={`Received, API key ${record.apiKey}`} at={event.at} />;
  }
}

function waitingLabel({ attemptCount }: MailRecord, at: number): string {
  if (at <= Date.now()) return 'Due, waiting for a worker';
  return attemptCount === 0 ? 'First attempt' : 'Next attempt';
}

/** That some recipients were accepted comes before the worst verdict. */
function verdictBadge({ verdict, outcomes }: Attempt): BadgeProps {
  const accepted = outcomes.filter((outcome) => outcome.verdict === 'ACCEPT').length;
  return accepted === 0 || verdict === 'ACCEPT'
    ? verdicts[verdict]
    : { tone: 'unsure', icon: 'partial', label: `accepted for ${accepted} of ${outcomes.length} recipients` };
}

function Ended({ context, record, at }: { context: PageContext; record: MailRecord; at: number }): JSX.Element {
  const isResolved = record.recipients.some(({ resolved }) => resolved);
  return (
    <TimelineItem context={context} {...stateBadge(record.state, record.partial)} at={at}>
      {isResolved && <p class="muted">Marked as delivered by a user.</p>}
    </TimelineItem>
  );
}

/** An attempt without its number, or a deferral, which has no outcomes. */
type DeliveryAttemptProps = Deferral & Partial<Pick<Attempt, 'outcomes'>> & { isLatest: boolean };

function DeliveryAttempt(props: DeliveryAttemptProps): JSX.Element {
  const { durationMs, provider, reason, detail, steps, outcomes = [], isLatest } = props;
  const step = props.step ?? outcomes.find((outcome) => outcome.reason === reason)?.step;
  return (
    <>
      <p>
        <Reason reason={reason} step={step} />
      </p>
      {detail !== undefined && <p safe>{detail}</p>}
      <p class="muted number" safe>
        {provider === undefined ? `${durationMs} ms` : `${provider}, ${durationMs} ms`}
      </p>
      {outcomes.length > 1 && <Outcomes outcomes={outcomes} />}
      {steps.length > 0 && (
        <details open={isLatest}>
          <summary safe>{`${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`}</summary>
          <ol class="steps">
            {steps.map(({ atMs, command, reply }) => (
              <li>
                <span class="muted number">{atMs} ms</span>
                <span class="code">
                  <b safe>{command}</b>
                  <br />
                  <span safe>{reply === '' ? '(no reply)' : reply}</span>
                </span>
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly RecordedOutcome[] }): JSX.Element {
  return (
    <ul>
      {outcomes.map(({ address, verdict, reason }) => (
        <li>
          <span safe>{`${address}: ${verdicts[verdict].label}, `}</span>
          <span class="code" safe>
            {reason}
          </span>
        </li>
      ))}
    </ul>
  );
}
