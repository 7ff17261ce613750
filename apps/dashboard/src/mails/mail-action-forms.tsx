/** What a user can do with a mail: advice for its state, buttons for operators, and the result of the last action. */
import type { MailRecord, MailState } from '@posthouse/contract';
import type { MailAction } from '@posthouse/queue';
import { Notice } from '@posthouse/web';
import { stateLabel } from '../ui/badge.tsx';
import { ActionForm, type ActionFormProps } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { type ActionFlash, actionLabels, actionsFor, appliedText, rejectedText } from './mail-actions.ts';

const buttons: Record<MailAction, Pick<ActionFormProps, 'kind' | 'icon'>> = {
  retry: { icon: 'retrying' },
  sendNow: { icon: 'sending' },
  cancel: { kind: 'danger', icon: 'cancelled' },
  delivered: { icon: 'accepted' },
  sendAgain: { kind: 'quiet', icon: 'retrying' },
};

/** The part of a record that decides on the actions; of an unreadable record, what is not sealed. */
type ActionableMail = Pick<MailRecord, 'id' | 'state' | 'partial' | 'dueAt' | 'attemptCount'> &
  Partial<Pick<MailRecord, 'messageStartedAt' | 'messageId' | 'nextAttemptAt' | 'scheduleFrom'>>;

interface ActionFormsProps {
  context: PageContext;
  mail: ActionableMail;
  /** Attempts of the retry schedule. */
  maxAttempts: number;
}

/** The buttons of the actions that apply to the mail's state, with advice above them. */
export function ActionForms({ context, mail, maxAttempts }: ActionFormsProps): JSX.Element {
  const actions = actionsFor(mail);
  return (
    <>
      <Advice context={context} mail={mail} maxAttempts={maxAttempts} />
      {actions.length > 0 &&
        (context.may('operator') ? (
          <div class="row">
            {actions.map((action) => (
              <ActionForm action={`/mails/${mail.id}/actions`} fields={{ action }} label={actionLabels[action]} {...buttons[action]} />
            ))}
          </div>
        ) : (
          <p class="muted">Actions on mails require the role operator.</p>
        ))}
    </>
  );
}

/** The flash message of an action. */
export function ActionNotice({ action, applied, state }: ActionFlash & { state: MailState }): JSX.Element {
  return applied ? (
    <Notice tone="good" title={`${appliedText[action]}.`} />
  ) : (
    <Notice tone="warn" title={`Nothing changed: the mail is ${stateLabel(state).toLowerCase()}.`}>
      <p safe>{rejectedText[action]}</p>
    </Notice>
  );
}

function Advice({ context, mail, maxAttempts }: ActionFormsProps): JSX.Element {
  switch (mail.state) {
    case 'queued':
      return <p>Due now, waiting for a free worker.</p>;
    case 'scheduled':
      return <p safe>{`Scheduled for ${context.time.dateTime(mail.dueAt)}.`}</p>;
    case 'sending':
      return <p>A worker is sending it. It can be cancelled until the message is being transmitted.</p>;
    case 'retrying':
      return <p safe>{`${nextAttemptText(context, mail, maxAttempts)}. If the cause is fixed, send it now.`}</p>;
    case 'sent':
      return mail.partial ? (
        <p>Sent to some recipients and rejected for others. The rejected recipients need a new mail.</p>
      ) : (
        <p>Accepted by the relay. To find out whether it reached the mailbox, look for the Message-ID in the log of the relay.</p>
      );
    case 'failed':
      return <p>Not retried automatically. Fix the cause, then retry; only rejected recipients get it.</p>;
    case 'expired':
      return <p>Not sent in time, and the content was deleted. If it is still needed, the application must request it again.</p>;
    case 'cancelled':
      return <p>Cancelled before sending. The content was deleted.</p>;
    case 'uncertain':
      return <UncertainAdvice messageId={mail.messageId} />;
  }
}

function UncertainAdvice({ messageId }: { messageId: string | undefined }): JSX.Element {
  return (
    <>
      <p>
        The message was transmitted, but the relay's reply did not arrive: <b>it is unknown whether the mail was delivered.</b> Look for the
        Message-ID in the log of the relay, or ask the recipient. If it arrived, mark it as delivered. If not, send it again. If it did
        arrive and is sent again, the recipient gets a duplicate.
      </p>
      {messageId !== undefined && (
        <p class="code" safe>
          {messageId}
        </p>
      )}
    </>
  );
}

function nextAttemptText(context: PageContext, mail: ActionableMail, maxAttempts: number): string {
  const { nextAttemptAt = mail.dueAt, attemptCount, scheduleFrom } = mail;
  const number = scheduleFrom === undefined ? '' : ` (${attemptCount - scheduleFrom + 1} of ${maxAttempts})`;
  return `Next attempt at ${context.time.dateTime(nextAttemptAt)}${number}`;
}
