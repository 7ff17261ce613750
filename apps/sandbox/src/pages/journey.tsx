/** The way of a welcome mail in two steps: taken by Posthouse, accepted by the relay. It never claims more than is known. */
import type { PropsWithChildren } from '@kitajs/html';
import { isFinal } from '@posthouse/contract';
import { lastReply, type Progress, sentAfterMs } from '../mail-progress.ts';
import type { Reader } from '../reader.ts';
import type { WelcomeMail } from '../sign-up.ts';

/** What there is to tell. */
export interface JourneyProps {
  reader: Reader;
  welcome: WelcomeMail;
  /** Undefined when the mail was not accepted. */
  progress: Progress | undefined;
  /** Where the mail lies once it has arrived, as a link. */
  arrivedAt: string;
}

/** The steps. */
export function Journey({ reader, welcome, progress, arrivedAt }: JourneyProps): JSX.Element {
  const { words } = reader;
  if ('refusal' in welcome || progress === undefined) {
    return (
      <ol class="journey">
        <Step state="failed" title={words.refused} code={'refusal' in welcome ? welcome.refusal : undefined}>
          <p safe>{words.refusedAdvice}</p>
        </Step>
      </ol>
    );
  }
  return (
    <ol class="journey">
      <Step state="done" title={words.accepted} note={words.after(welcome.acceptedInMs)} />
      <Delivery reader={reader} progress={progress} arrivedAt={arrivedAt} />
    </ol>
  );
}

function Delivery({ reader, progress, arrivedAt }: { reader: Reader; progress: Progress; arrivedAt: string }): JSX.Element {
  const { words, moment } = reader;
  const refresh = (
    <noscript>
      <a href={reader.here} safe>
        {words.refresh}
      </a>
    </noscript>
  );
  if ('unknown' in progress) {
    return (
      <Step state="now" title={words.unknown} code={progress.unknown}>
        {refresh}
      </Step>
    );
  }
  const { state, createdAt, receipt, nextAttemptAt } = progress;
  const title = words.states[state];
  if (receipt !== undefined) {
    return (
      <Step state="done" title={title} note={words.after(sentAfterMs(createdAt, receipt.at))} code={receipt.response}>
        <a class="button" href={arrivedAt} safe>
          {words.openMail}
        </a>
      </Step>
    );
  }
  if (isFinal(state)) return <Step state="failed" title={title} code={lastReply(progress)} />;
  const waits = state === 'retrying' || state === 'scheduled';
  const note = waits && nextAttemptAt !== undefined ? words.nextTry(moment(new Date(nextAttemptAt))) : undefined;
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
