/** The page of a new member: a welcome, and the progress of the welcome mail, which never claims more than is known. */
import type { PropsWithChildren } from '@kitajs/html';
import { isFinal } from '@posthouse/contract';
import { Layout } from '../site/layout.tsx';
import type { PageContext } from '../site/page-context.ts';
import { lastReply, type StatusResult, sentAfterMs } from './mail-api.ts';
import type { Member } from './members.ts';
import { StreetIllustration } from './street-illustration.tsx';

/** What both the page and its updates show. */
export interface DeliveryProgressProps {
  context: PageContext;
  member: Member;
  /** Undefined when the mail was not accepted. */
  status: StatusResult | undefined;
  /** Link to the mail in the inbox. */
  mailHref: string;
}

/** @param events URL of the server-sent events; undefined when the status will not change any more */
export function MemberPage({ events, ...progress }: DeliveryProgressProps & { events: string | undefined }): JSX.Element {
  const { context, member } = progress;
  const { translations, link } = context;
  return (
    <Layout context={context} title={translations.deliveryTitle} style="sign-up.css" events={events}>
      <div class="card split">
        <StreetIllustration>
          <h1 safe>{translations.welcome(member.nickname)}</h1>
        </StreetIllustration>
        <div class="split-body">
          <h2 safe>{translations.deliveryTitle}</h2>
          <p safe>{translations.signedUp(member.email)}</p>
          <div id="delivery" role="status">
            <DeliveryProgress {...progress} />
          </div>
          <p class="muted">
            <a href={link('/')} safe>
              {translations.signUpAnother}
            </a>
          </p>
        </div>
      </div>
    </Layout>
  );
}

/** The two steps of the welcome mail: received by Posthouse, accepted by the relay. */
export function DeliveryProgress({ context, member: { welcomeMail }, status, mailHref }: DeliveryProgressProps): JSX.Element {
  const { translations } = context;
  if ('error' in welcomeMail || status === undefined) {
    return (
      <ol class="progress">
        <Step state="failed" title={translations.notAccepted} code={'error' in welcomeMail ? welcomeMail.error : undefined}>
          <p safe>{translations.notAcceptedAdvice}</p>
        </Step>
      </ol>
    );
  }
  return (
    <ol class="progress">
      <Step state="done" title={translations.accepted} note={translations.after(welcomeMail.acceptedInMs)} />
      <RelayStep context={context} status={status} mailHref={mailHref} />
    </ol>
  );
}

function RelayStep({ context, status, mailHref }: { context: PageContext; status: StatusResult; mailHref: string }): JSX.Element {
  const { translations, time } = context;
  const refresh = (
    <noscript>
      <a href={context.self} safe>
        {translations.refresh}
      </a>
    </noscript>
  );
  if ('error' in status) {
    return (
      <Step state="active" title={translations.statusUnknown} code={status.error}>
        {refresh}
      </Step>
    );
  }
  const { state, createdAt, receipt, nextAttemptAt } = status;
  const title = translations.states[state];
  if (receipt !== undefined) {
    return (
      <Step state="done" title={title} note={translations.after(sentAfterMs(createdAt, receipt.at))} code={receipt.response}>
        <a class="button" href={mailHref} safe>
          {translations.openMail}
        </a>
      </Step>
    );
  }
  if (isFinal(state)) return <Step state="failed" title={title} code={lastReply(status)} />;
  const isDelayed = state === 'retrying' || state === 'scheduled';
  const note = isDelayed && nextAttemptAt !== undefined ? translations.nextAttempt(time.dateTime(Date.parse(nextAttemptAt))) : undefined;
  return (
    <Step state="active" title={title} note={note} code={lastReply(status)}>
      {refresh}
    </Step>
  );
}

type StepProps = PropsWithChildren<{
  state: 'done' | 'active' | 'failed';
  title: string;
  note?: string | undefined;
  /** A reply or an error text, shown in a fixed-width font. */
  code?: string | undefined;
}>;

function Step({ state, title, note, code, children }: StepProps): JSX.Element {
  return (
    <li class={state}>
      <b safe>{title}</b>{' '}
      {note !== undefined && (
        <span class="muted" safe>
          {note}
        </span>
      )}
      {code !== undefined && <code safe>{code}</code>}
      {children}
    </li>
  );
}
