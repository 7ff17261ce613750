/** The way of a welcome mail in two steps: taken by Posthouse, accepted by the relay. It never claims more than is known. */
import type { PropsWithChildren } from '@kitajs/html';
import { isFinal } from '@posthouse/contract';
import { lastReply, type Progress, sentAfterMs } from '../mail-progress.ts';
import type { PageContext } from '../page-context.ts';
import type { WelcomeMail } from '../sign-up.ts';

/** What there is to tell. */
export interface JourneyProps {
  context: PageContext;
  welcome: WelcomeMail;
  /** Undefined when the mail was not accepted. */
  progress: Progress | undefined;
  /** Where the mail lies once it has arrived, as a link. */
  arrivedAt: string;
}

/** The steps. */
export function DeliveryProgress({ context, welcome, progress, arrivedAt }: JourneyProps): JSX.Element {
  const { translations } = context;
  if ('refusal' in welcome || progress === undefined) {
    return (
      <ol class="journey">
        <Step state="failed" title={translations.refused} code={'refusal' in welcome ? welcome.refusal : undefined}>
          <p safe>{translations.refusedAdvice}</p>
        </Step>
      </ol>
    );
  }
  return (
    <ol class="journey">
      <Step state="done" title={translations.accepted} note={translations.after(welcome.acceptedInMs)} />
      <Delivery context={context} progress={progress} arrivedAt={arrivedAt} />
    </ol>
  );
}

function Delivery({ context, progress, arrivedAt }: { context: PageContext; progress: Progress; arrivedAt: string }): JSX.Element {
  const { translations, moment } = context;
  const refresh = (
    <noscript>
      <a href={context.here} safe>
        {translations.refresh}
      </a>
    </noscript>
  );
  if ('unknown' in progress) {
    return (
      <Step state="now" title={translations.unknown} code={progress.unknown}>
        {refresh}
      </Step>
    );
  }
  const { state, createdAt, receipt, nextAttemptAt } = progress;
  const title = translations.states[state];
  if (receipt !== undefined) {
    return (
      <Step state="done" title={title} note={translations.after(sentAfterMs(createdAt, receipt.at))} code={receipt.response}>
        <a class="button" href={arrivedAt} safe>
          {translations.decryptMail}
        </a>
      </Step>
    );
  }
  if (isFinal(state)) return <Step state="failed" title={title} code={lastReply(progress)} />;
  const timings = state === 'retrying' || state === 'scheduled';
  const note = timings && nextAttemptAt !== undefined ? translations.nextTry(moment(new Date(nextAttemptAt))) : undefined;
  return (
    <Step state="now" title={title} note={note} code={lastReply(progress)}>
      {refresh}
    </Step>
  );
}

type StepProps = PropsWithChildren<{
  state: 'done' | 'now' | 'failed';
  title: string;
  note?: string | undefined;
  /** In the words of a machine. */
  code?: string | undefined;
}>;

function Step({ state, title, note, code, children }: StepProps): JSX.Element {
  return (
    <li class={state}>
      <b safe>{title}</b>{' '}
      {note !== undefined && (
        <span class="soft" safe>
          {note}
        </span>
      )}
      {code !== undefined && <code safe>{code}</code>}
      {children}
    </li>
  );
}
