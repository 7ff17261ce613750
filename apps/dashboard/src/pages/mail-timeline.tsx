/** The story of a mail, newest first, with what was said to each server and what it replied. */

import type { Attempt, Deferral, MailRecord, RecipientOutcome, Verdict } from '@posthouse/contract';
import type { IconName } from '@posthouse/web';
import { type TimelineEvent, timelineOf } from '../mail-timeline.ts';
import type { PageContext } from '../page-context.ts';
import { stateLook, type Tone } from './badge.tsx';
import { Reason } from './reason.tsx';
import { Timeline, TimelineItem } from './timeline.tsx';

/** All of it. */
export function MailTimeline({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  return (
    <Timeline label="What happened, newest first">
      {timelineOf(record).map((event) => (
        <TimelineEntry context={context} record={record} event={event} />
      ))}
    </Timeline>
  );
}

const verdicts: Record<Verdict, { tone: Tone; icon: IconName; words: string }> = {
  ACCEPT: { tone: 'good', icon: 'accepted', words: 'accepted by the relay' },
  RETRY: { tone: 'busy', icon: 'retrying', words: 'refused for now' },
  DEFER: { tone: 'wait', icon: 'clock', words: "put back: the provider's trouble" },
  OPEN: { tone: 'wait', icon: 'clock', words: "put back: the provider's trouble" },
  FAIL: { tone: 'bad', icon: 'failed', words: 'refused for good' },
  UNKNOWN: { tone: 'unsure', icon: 'unsure', words: 'nobody knows whether it arrived' },
};

function TimelineEntry({ context, record, event }: { context: PageContext; record: MailRecord; event: TimelineEvent }): JSX.Element {
  switch (event.kind) {
    case 'waits':
      return <TimelineItem context={context} tone="wait" icon="clock" title={waitingWords(record, event.at)} at={event.at} />;
    case 'inHand':
      return (
        <TimelineItem context={context} tone="busy" icon="sending" title="A worker has it" at={event.at}>
          {event.at !== undefined && <p class="muted">The message began to go out then; the relay's reply is not known yet.</p>}
        </TimelineItem>
      );
    case 'ended':
      return <Ended context={context} record={record} at={event.at} />;
    case 'attempt': {
      const { number, ...tried } = event.attempt;
      const { tone, icon, words } = verdictOf(event.attempt);
      return (
        <TimelineItem context={context} tone={tone} icon={icon} title={`Attempt ${number}: ${words}`} at={event.at}>
          <Try {...tried} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'deferral': {
      const times = event.count === 1 ? 'Put back once' : `Put back ${event.count} times, the last one`;
      return (
        <TimelineItem context={context} tone="wait" icon="clock" title={times} at={event.at}>
          <p class="muted">The provider's trouble, not the mail's: this uses up no attempt.</p>
          <Try {...event.deferral} isLatest={event.isLatest} />
        </TimelineItem>
      );
    }
    case 'renewed':
      return <TimelineItem context={context} tone="quiet" icon="retrying" title="Somebody had it tried anew" />;
    case 'forgotten': {
      const title = event.attempts === 1 ? 'One earlier attempt is not kept' : `${event.attempts} earlier attempts are not kept`;
      return <TimelineItem context={context} tone="quiet" icon="info" title={title} />;
    }
    case 'accepted':
      return <TimelineItem context={context} tone="quiet" icon="queued" title={`Asked for by ${record.apiKey}`} at={event.at} />;
  }
}

function waitingWords({ attemptCount }: MailRecord, at: number): string {
  if (at <= Date.now()) return 'Due, and waits for a worker';
  return attemptCount === 0 ? 'First try' : 'Next try';
}

/** Where some recipients were accepted, that is told; else the gravest verdict. */
function verdictOf({ verdict, outcomes }: Attempt): (typeof verdicts)[Verdict] {
  const accepted = outcomes.filter((outcome) => outcome.verdict === 'ACCEPT').length;
  return accepted === 0 || verdict === 'ACCEPT'
    ? verdicts[verdict]
    : { tone: 'unsure', icon: 'partial', words: `accepted for ${accepted} of ${outcomes.length}` };
}

function Ended({ context, record, at }: { context: PageContext; record: MailRecord; at: number }): JSX.Element {
  const { tone, icon, word } = stateLook(record.state, record.partial);
  const isResolved = record.recipients.some(({ reason }) => reason === 'resolved');
  return (
    <TimelineItem context={context} tone={tone} icon={icon} title={word} at={at}>
      {isResolved && <p class="muted">Somebody found out that it had arrived.</p>}
    </TimelineItem>
  );
}

/** What attempts and deferrals have in common, and outcomes where there are any. */
type TryProps = Deferral & Partial<Pick<Attempt, 'outcomes'>> & { isLatest: boolean };

function Try({ durationMs, provider, reason, detail, steps, outcomes = [], isLatest }: TryProps): JSX.Element {
  return (
    <>
      <p>
        <Reason reason={reason} />
      </p>
      {detail !== undefined && <p safe>{detail}</p>}
      <p class="muted number" safe>
        {provider === undefined ? `${durationMs} ms` : `${provider}, ${durationMs} ms`}
      </p>
      {outcomes.length > 1 && <Outcomes outcomes={outcomes} />}
      {steps.length > 0 && (
        <details open={isLatest}>
          <summary safe>{`${steps.length} steps`}</summary>
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

function Outcomes({ outcomes }: { outcomes: readonly RecipientOutcome[] }): JSX.Element {
  return (
    <ul class="outcomes">
      {outcomes.map(({ address, verdict, reason }) => (
        <li>
          <span safe>{`${address}: ${verdicts[verdict].words}, `}</span>
          <span class="code" safe>
            {reason}
          </span>
        </li>
      ))}
    </ul>
  );
}
