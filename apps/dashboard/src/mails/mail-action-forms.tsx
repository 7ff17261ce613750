/** What a user can do with a mail: advice for its state, buttons for operators, and the result of the last action. */
import type { MailRecord } from '@posthouse/contract';
import { copyAction, type MailAction, type Pause, type ProviderStatus, rescheduleAction, waitsForProvider } from '@posthouse/queue';
import { Icon, type IconName, Notice } from '@posthouse/web';
import { stateLabel } from '../ui/badge.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ActionForm } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import {
  type ActionableMail,
  type ActionFlash,
  actionLabels,
  actionsFor,
  appliedText,
  copyLabel,
  isAddressUnknown,
  rejectedText,
  rescheduleLabel,
} from './mail-actions.ts';
import { MailWait, type WaitingMail } from './mail-wait.tsx';

const icons: Record<MailAction, IconName> = {
  retry: 'retrying',
  sendNow: 'sending',
  cancel: 'cancelled',
  delivered: 'accepted',
  sendAgain: 'retrying',
};

interface ActionFormsProps {
  context: PageContext;
  mail: ActionableMail & WaitingMail & Pick<MailRecord, 'id'> & Partial<Pick<MailRecord, 'messageId' | 'recipients'>>;
  /** Those that hold it back. */
  pauses: readonly Pause[];
  /** Providers that are down, while no other can be used. */
  awaited: readonly ProviderStatus[];
  /** Attempts of the retry schedule. */
  maxAttempts: number;
}

/** Links to the actions that apply to the mail's state, with advice above them. Only what can do no harm is done at once. */
export function ActionForms(props: ActionFormsProps): JSX.Element {
  const { context, mail } = props;
  const { id } = mail;
  const actions = actionsFor(mail);
  const canCopy = mail.contentState === 'complete';
  return (
    <>
      <Advice {...props} />
      {(actions.length > 0 || canCopy) &&
        (context.may('operator') ? (
          <div class="row">
            {actions.map((action) =>
              action === 'sendNow' ? (
                <ActionForm
                  action={`/mails/${id}/actions`}
                  fields={{ action }}
                  label={t(actionLabels[action])}
                  kind="quiet"
                  icon={icons[action]}
                />
              ) : (
                <a class={['button', action === 'cancel' ? 'danger' : 'quiet']} href={`/mails/${id}/confirm?action=${action}`}>
                  <Icon name={icons[action]} />
                  <span safe>{`${t(actionLabels[action])}…`}</span>
                </a>
              ),
            )}
            {mail.state === 'scheduled' && mail.recipients !== undefined && (
              <a class="button quiet" href={`/mails/${id}/${rescheduleAction}`}>
                <Icon name="clock" />
                <span safe>{`${t(rescheduleLabel)}…`}</span>
              </a>
            )}
            {canCopy && (
              <a class="button quiet" href={`/mails/${id}/copy`}>
                <Icon name="copy" />
                <span safe>{`${t(copyLabel)}…`}</span>
              </a>
            )}
          </div>
        ) : (
          <p class="muted" safe>
            {t('Actions on mails require the role operator.')}
          </p>
        ))}
    </>
  );
}

/** The flash message of an action. */
export function ActionNotice({
  action,
  applied,
  mail,
}: ActionFlash & { mail: Pick<MailRecord, 'state' | 'copyOf' | 'actions'> }): JSX.Element {
  if (action === copyAction) return <CopyNotice applied={applied} mail={mail} />;
  return applied ? (
    <Notice tone="good" title={t(appliedText[action])} />
  ) : (
    <Notice tone="warn" title={t('Nothing changed. State of the mail: {state}.', { state: stateLabel(mail.state) })}>
      <p safe>{t(rejectedText[action])}</p>
    </Notice>
  );
}

function CopyNotice({ applied, mail }: { applied: boolean; mail: Pick<MailRecord, 'copyOf' | 'actions'> }): JSX.Element {
  const who = mail.actions?.find(({ action }) => action === copyAction)?.who ?? '';
  const title = applied
    ? t('The copy is accepted and will be sent. This is its page.')
    : t('{who} has sent this copy already. Nothing was sent again.', { who });
  return (
    <Notice tone={applied ? 'good' : 'warn'} title={title}>
      {mail.copyOf !== undefined && (
        <p>
          <a href={`/mails/${encodeURIComponent(mail.copyOf)}`} safe>
            {t('Go to the original')}
          </a>
        </p>
      )}
    </Notice>
  );
}

function Advice(props: ActionFormsProps): JSX.Element {
  const { mail } = props;
  switch (mail.state) {
    case 'queued':
    case 'scheduled':
      return <MailWait {...props} />;
    case 'sending':
      return <p safe>{t('A worker is sending it. It can be cancelled until the message is being transmitted.')}</p>;
    case 'retrying':
      return (
        <>
          <MailWait {...props} />
          {!waitsForProvider(mail.nextAttemptAt ?? mail.dueAt, props.awaited) && <p safe>{t('If the cause is fixed, send it now.')}</p>}
        </>
      );
    case 'sent':
      return mail.partial ? <RejectedAdvice mail={mail} /> : <SentAdvice mail={mail} />;
    case 'failed':
      return <RejectedAdvice mail={mail} />;
    case 'expired':
      return (
        <p safe>{t('Not sent in time, and the content was deleted. If it is still needed, the application must request it again.')}</p>
      );
    case 'cancelled':
      return <p safe>{t('Cancelled before sending. The content was deleted.')}</p>;
    case 'uncertain':
      return <UncertainAdvice messageId={mail.messageId} />;
  }
}

function SentAdvice({ mail }: Pick<ActionFormsProps, 'mail'>): JSX.Element {
  return (
    <>
      <p safe>{t('Accepted by the relay. To find out whether it reached the mailbox, look for the Message-ID in the log of the relay.')}</p>
      {mail.contentState !== 'complete' && (
        <p class="muted" safe>
          {t('No copy can be sent, because the content was not kept completely. If it is needed again, the application must request it.')}
        </p>
      )}
    </>
  );
}

/** Of a mail that some recipients, or all, have not got. A retry does not help where there is no such address. */
function RejectedAdvice({ mail }: Pick<ActionFormsProps, 'mail'>): JSX.Element {
  const rejected = (mail.recipients ?? []).filter(({ state }) => state === 'rejected');
  const unknown = rejected.filter(isAddressUnknown);
  const canRetry = actionsFor(mail).includes('retry');
  return (
    <>
      {mail.partial && <p safe>{t('Sent to some recipients, not to all.')}</p>}
      {unknown.length > 0 && unknown.length === rejected.length ? (
        <p safe>
          {t(
            'The server knows no such address, so a retry does not help. A copy can go to the right address, unless the content has sensitive values: then the application must request the mail again.',
          )}
        </p>
      ) : canRetry ? (
        <p safe>{t('Not retried automatically. Fix the cause, then retry; only rejected recipients get it.')}</p>
      ) : (
        <p safe>{t('The content was deleted. If the other recipients need it, the application must request it again.')}</p>
      )}
    </>
  );
}

function UncertainAdvice({ messageId }: { messageId: string | undefined }): JSX.Element {
  return (
    <>
      <p>
        <Text of="The message was transmitted, but the relay's reply did not arrive:" />{' '}
        <b safe>{t('it is unknown whether the mail was delivered.')}</b>{' '}
        <Text of="Look for the Message-ID in the log of the relay, or ask the recipient. If it arrived, mark it as delivered. If not, send it again. If it did arrive and is sent again, the recipient gets a duplicate." />
      </p>
      {messageId !== undefined && (
        <p class="code">
          <span safe>{messageId}</span> <CopyButton name="Message-ID" value={messageId} />
        </p>
      )}
    </>
  );
}
