/** Why a mail waits, since when, and until when. */
import type { MailRecord } from '@posthouse/contract';
import { type Pause, type ProviderStatus, waitsForProvider } from '@posthouse/queue';
import type { PageContext } from '../ui/page-context.ts';
import { explainCircuit } from '../ui/reason-explanations.tsx';
import { PausedBy } from '../ui/system-notices.tsx';
import { Text, t } from '../ui/translate.ts';

/** A mail that waits; of an unreadable record, what is not sealed. */
export type WaitingMail = Pick<MailRecord, 'state' | 'createdAt' | 'dueAt' | 'attemptCount' | 'deferralCount'> &
  Partial<Pick<MailRecord, 'nextAttemptAt' | 'scheduleFrom' | 'attempts' | 'lastDeferral'>>;

/** What is known about a waiting mail. */
export interface MailWaitProps {
  context: PageContext;
  mail: WaitingMail;
  /** Those that hold it back. */
  pauses: readonly Pause[];
  /** Providers that are down, while no other can be used. */
  awaited: readonly ProviderStatus[];
  /** Attempts of the retry schedule. */
  maxAttempts: number;
}

/** ms; a time that is further away is shown with its date. */
const sameDay = 12 * 60 * 60 * 1000;

/**
 * When it is tried next, and below that what it waits for, one line each: pauses first, which a user can end. The reason of the latest
 * attempt or deferral is beside the state.
 */
export function MailWait({ context, mail, pauses, awaited, maxAttempts }: MailWaitProps): JSX.Element {
  const { state, createdAt, dueAt, nextAttemptAt = dueAt, lastDeferral, deferralCount } = mail;
  const attempt = mail.attempts?.at(-1);
  const isDeferred = lastDeferral !== undefined && lastDeferral.at > (attempt?.at ?? 0);
  const since = state === 'retrying' ? (isDeferred ? lastDeferral.at : attempt?.at) : state === 'queued' ? nextAttemptAt : createdAt;
  const isHeld = pauses.length === 0 && waitsForProvider(nextAttemptAt, awaited);
  return (
    <>
      <p>
        <b safe>{isHeld ? t('It is sent once the provider can be used again.') : nextText(context, mail, nextAttemptAt, maxAttempts)}</b>{' '}
        {since !== undefined && (
          <Text
            of="Waiting since {time} ({relative})."
            values={{ time: timeText(context, since), relative: context.time.relative(since) }}
          />
        )}
      </p>
      {pauses.map((pause) => (
        <p>
          <PausedBy context={context} pause={pause} />
        </p>
      ))}
      {isHeld && awaited.map((provider) => <AwaitedProvider context={context} provider={provider} />)}
      {state === 'queued' && pauses.length === 0 && !isHeld && <p safe>{t('It is due, and waits for a free worker.')}</p>}
      {state === 'retrying' && isDeferred && (
        <p safe>
          {t('The provider could not take it, {count, plural, one {once} other {# times}} so far. This uses none of its attempts.', {
            count: deferralCount,
          })}
        </p>
      )}
    </>
  );
}

function AwaitedProvider({
  context,
  provider: { name, reason, account, step, probeAt },
}: {
  context: PageContext;
  provider: ProviderStatus;
}): JSX.Element {
  const meaning = reason === undefined ? undefined : explainCircuit({ reason, account, step });
  return (
    <p>
      <span safe>{t('It waits for {name}, which is down.', { name })}</span>{' '}
      {reason !== undefined && (
        <code class="code" safe>
          {reason}
        </code>
      )}
      {meaning !== undefined && <span safe>{`: ${meaning}`}</span>}
      {probeAt !== undefined && (
        <>
          {' · '}
          <Text of="next check" />{' '}
          <span safe>{t('at {time} ({relative})', { time: timeText(context, probeAt), relative: context.time.relative(probeAt) })}</span>
        </>
      )}
    </p>
  );
}

/** `Attempt 3 of 10 at 08:38 (in 11 min.).` */
function nextText(context: PageContext, { state, attemptCount, scheduleFrom }: WaitingMail, at: number, max: number): string {
  const when = { time: timeText(context, at), relative: context.time.relative(at) };
  if (state === 'scheduled') return t('Scheduled for {time} ({relative}).', when);
  if (scheduleFrom === undefined) return t('Next attempt at {time} ({relative}).', when);
  const attempt = { number: attemptCount - scheduleFrom + 1, max };
  if (at <= Date.now()) return t('Attempt {number} of {max} is next.', attempt);
  return t('Attempt {number} of {max} at {time} ({relative}).', { ...attempt, ...when });
}

function timeText({ time }: PageContext, at: number): string {
  return Math.abs(at - Date.now()) < sameDay ? time.timeOfDay(at) : time.dateTime(at);
}
