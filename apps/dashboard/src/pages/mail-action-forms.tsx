/** What to do now with a mail: in words for everybody, with buttons for those who may; and what came of it. */

import type { MailRecord, MailState } from '@posthouse/contract';
import type { MailAction } from '@posthouse/queue';
import { Notice } from '@posthouse/web';
import type { ActionFlash } from '../flash-cookie.ts';
import { actionsFor, appliedText, rejectedText } from '../mail-action-labels.ts';
import type { PageContext } from '../page-context.ts';
import { ActionForm, type ActionFormProps } from './action-form.tsx';
import { stateLabel } from './badge.tsx';

const buttons: Record<MailAction, Pick<ActionFormProps, 'label' | 'kind' | 'icon'>> = {
  retry: { label: 'Retry', icon: 'retrying' },
  sendNow: { label: 'Send now', icon: 'sending' },
  cancel: { label: 'Cancel', kind: 'danger', icon: 'cancelled' },
  delivered: { label: 'It arrived', icon: 'accepted' },
  sendAgain: { label: 'Send it again', kind: 'quiet', icon: 'retrying' },
};

/** What is to be known of a mail. */
type ActionableMail = Pick<MailRecord, 'id' | 'state' | 'partial'> & Partial<Pick<MailRecord, 'messageStartedAt' | 'messageId'>>;

/** The buttons that fit the mail's state. */
export function ActionForms({ context, mail }: { context: PageContext; mail: ActionableMail }): JSX.Element {
  const fitting = actionsFor(mail);
  return (
    <>
      <Advice mail={mail} />
      {fitting.length > 0 &&
        (context.may('operator') ? (
          <div class="row">
            {fitting.map((action) => (
              <ActionForm action={`/mails/${mail.id}/actions`} fields={{ action }} {...buttons[action]} />
            ))}
          </div>
        ) : (
          <p class="muted">To act on mails takes the role operator.</p>
        ))}
    </>
  );
}

/** What came of a wish. */
export function ActionNotice({ action, applied, state }: ActionFlash & { state: MailState }): JSX.Element {
  return applied ? (
    <Notice tone="good" title={`${appliedText[action]}.`} />
  ) : (
    <Notice tone="warn" title={`Nothing was done: this mail is ${stateLabel(state).toLowerCase()}.`}>
      <p safe>{rejectedText[action]}</p>
    </Notice>
  );
}

function Advice({ mail }: { mail: ActionableMail }): JSX.Element {
  switch (mail.state) {
    case 'queued':
      return <p>It is due, and waits for the next worker that is free.</p>;
    case 'scheduled':
      return <p>It waits for its time. It can be sent at once, or cancelled.</p>;
    case 'sending':
      return <p>A worker has it now. It can be cancelled until the message begins to go out.</p>;
    case 'retrying':
      return <p>It is tried again by itself. Where the cause is mended, there is no need to wait.</p>;
    case 'sent':
      return mail.partial ? (
        <p>The relay accepted it for some recipients and not for others. What it said is wiped, so those need a new mail.</p>
      ) : (
        <p>The relay has taken it over. Whether it reached the mailbox, only the relay can tell: ask there for the Message-ID.</p>
      );
    case 'failed':
      return <p>It is not tried again by itself. Mend the cause, then retry: it is sent to those who were refused, and to nobody else.</p>;
    case 'expired':
      return (
        <p>It could not go out in its time, and what it said is wiped. If it still matters, the application has to ask for it anew.</p>
      );
    case 'cancelled':
      return <p>Somebody cancelled it before it went out, and what it said is wiped.</p>;
    case 'uncertain':
      return (
        <>
          <p>
            The message went out, but the relay's reply never came: <b>nobody knows whether it arrived.</b> Look for its Message-ID in the
            log of the relay, or ask the recipient. If it did arrive, say so. If it did not, send it again. Sent again after it had arrived,
            the recipient has it twice.
          </p>
          {mail.messageId !== undefined && (
            <p class="code" safe>
              {mail.messageId}
            </p>
          )}
        </>
      );
  }
}
