/** One attempt or deferral: its reason, its SMTP commands and replies, and the outcome of each recipient. */
import type { Attempt, Deferral, RecordedOutcome, Step, Verdict } from '@posthouse/contract';
import type { BadgeProps } from '../ui/badge.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { formatDuration } from '../ui/duration-text.ts';
import { attemptNoteText } from '../ui/known-texts.ts';
import { Reason } from '../ui/reason-explanations.tsx';
import { t, text } from '../ui/translate.ts';

const verdicts: Record<Verdict, BadgeProps> = {
  ACCEPT: { tone: 'good', icon: 'accepted', label: text('accepted by the relay') },
  RETRY: { tone: 'busy', icon: 'retrying', label: text('temporary failure') },
  DEFER: { tone: 'wait', icon: 'clock', label: text('deferred, provider not available') },
  OPEN: { tone: 'wait', icon: 'clock', label: text('deferred, provider not available') },
  FAIL: { tone: 'bad', icon: 'failed', label: text('permanent failure') },
  UNKNOWN: { tone: 'unsure', icon: 'unsure', label: text('outcome unknown') },
};

function verdictLabel(verdict: Verdict): string {
  return t(verdicts[verdict].label);
}

/** That some recipients were accepted comes before the worst verdict. */
export function verdictBadge({ verdict, outcomes }: Attempt): BadgeProps {
  const accepted = outcomes.filter((outcome) => outcome.verdict === 'ACCEPT').length;
  return accepted === 0 || verdict === 'ACCEPT'
    ? { ...verdicts[verdict], label: verdictLabel(verdict) }
    : { tone: 'unsure', icon: 'partial', label: t('accepted for {accepted} of {all} recipients', { accepted, all: outcomes.length }) };
}

/**
 * Which step decided: the last one whose reply has the code of the reason, or else the last one, after which nothing came.
 * @returns its index; -1 without steps
 */
export function decisiveStep(steps: readonly Step[], reason: string): number {
  const [code, enhanced = ''] = reason.split(' ');
  const said = steps.findLastIndex(({ reply }) => reply.startsWith(`${code}`) && reply.includes(enhanced));
  return said === -1 ? steps.length - 1 : said;
}

/** An attempt without its number, or a deferral, which has no outcomes. */
type DeliveryAttemptProps = Deferral & Partial<Pick<Attempt, 'outcomes'>> & { isLatest: boolean };

/** Why it ended so, and the SMTP commands and replies; the one that decided is marked. */
export function DeliveryTranscript(props: DeliveryAttemptProps): JSX.Element {
  const { durationMs, provider, reason, detail, steps, outcomes = [], isLatest } = props;
  const step = props.step ?? outcomes.find((outcome) => outcome.reason === reason)?.step;
  const decisive = decisiveStep(steps, reason);
  return (
    <>
      <p>
        <Reason reason={reason} step={step} />
      </p>
      {detail !== undefined && <p safe>{attemptNoteText(detail)}</p>}
      <p class="muted number" safe>
        {provider === undefined ? formatDuration(durationMs) : `${provider}, ${formatDuration(durationMs)}`}
      </p>
      {outcomes.length > 1 && <Outcomes outcomes={outcomes} />}
      {steps.length > 0 && (
        <details open={isLatest}>
          <summary safe>{t('{count, plural, one {# step} other {# steps}}', { count: steps.length })}</summary>
          <ol class="steps">
            {steps.map(({ atMs, command, reply }, n) => (
              <li class={n === decisive ? 'decisive' : undefined}>
                <span class="muted number" safe>
                  {formatDuration(atMs)}
                </span>
                <span class="code">
                  <span safe>{command}</span>
                  <br />
                  <span safe>{reply === '' ? t('(no reply)') : reply}</span>
                  {n === decisive && (
                    <>
                      {' '}
                      {reply !== '' && <CopyButton name={t('Server reply')} value={reply} />}
                      <span class="visually-hidden" safe>
                        {t('This decided the attempt.')}
                      </span>
                    </>
                  )}
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
          <span safe>{`${address}: ${verdictLabel(verdict)}, `}</span>
          <span class="code" safe>
            {reason}
          </span>
        </li>
      ))}
    </ul>
  );
}
