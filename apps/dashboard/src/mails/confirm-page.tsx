/** The confirmation of an action on a mail: what it does, to how many recipients and to whom, and where it cannot help. */
import type { MailRecord, Recipient } from '@posthouse/contract';
import { copyAction, type MailAction, type MailSummary } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { stateLabel } from '../ui/badge.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t, text } from '../ui/translate.ts';
import { actionLabels, actionsFor, isAddressUnknown, rejectedText } from './mail-actions.ts';
import { mailTitle } from './mail-page.tsx';

/** The actions that are confirmed: all but sending a mail now, which would be sent anyway. */
export const confirmedActions = ['retry', 'cancel', 'delivered', 'sendAgain'] as const satisfies readonly MailAction[];

type ConfirmedAction = (typeof confirmedActions)[number];

const questions: Record<ConfirmedAction, string> = {
  retry: text('Retry this mail?'),
  cancel: text('Cancel this mail?'),
  delivered: text('Mark this mail as delivered?'),
  sendAgain: text('Send this mail again?'),
};

const effects: Record<ConfirmedAction, string> = {
  retry: text('The mail is queued again for the recipients that were rejected, and its schedule of attempts starts over.'),
  cancel: text('The mail is not sent to the recipients that do not have it yet, and its content is deleted. This cannot be undone.'),
  delivered: text('The mail ends as sent, and its content is deleted. This cannot be undone.'),
  sendAgain: text('The mail is queued again with the same Message-ID. If it has arrived after all, the recipient gets a duplicate.'),
};

/** Which recipients an action is about. */
const concerned: Record<ConfirmedAction, (recipient: Recipient) => boolean> = {
  retry: ({ state }) => state === 'rejected',
  cancel: ({ state }) => state === 'pending',
  delivered: ({ uncertain }) => uncertain === true,
  sendAgain: ({ state }) => state === 'pending',
};

/** @param mail its record; or its summary, where the record cannot be read: then its recipients are unknown */
export function ConfirmPage(props: { context: PageContext; mail: MailRecord | MailSummary; action: ConfirmedAction }): JSX.Element {
  const { context, mail, action } = props;
  const title = t(questions[action]);
  const applies = actionsFor(mail).includes(action);
  const recipients = mail.recipients.filter(concerned[action]);
  const others = mail.recipients.filter(({ state }) => state === 'accepted').length;
  return (
    <Layout context={context} title={title} here="/mails">
      <PageHead title={title} below={mailTitle(mail)} />
      {!applies && (
        <Notice tone="warn" title={t('This is not possible. State of the mail: {state}.', { state: stateLabel(mail.state) })}>
          <p safe>{t(rejectedText[action])}</p>
        </Notice>
      )}
      {applies && action === 'retry' && <UnknownAddresses id={mail.id} recipients={recipients} canCopy={'contentState' in mail} />}
      <form class="card stack" method="post" action={`/mails/${mail.id}/actions`}>
        {applies && (
          <>
            <p safe>{t(effects[action])}</p>
            <Facts>
              <Fact name={t('Recipients')}>
                <RecipientNames recipients={recipients} />
              </Fact>
              {others > 0 && (
                <Fact name={t('Not affected')}>
                  <span safe>
                    {t('{count, plural, one {# recipient has the mail} other {# recipients have the mail}}, and never gets it again.', {
                      count: others,
                    })}
                  </span>
                </Fact>
              )}
            </Facts>
            <input type="hidden" name="action" value={action} />
          </>
        )}
        <div class="row">
          {applies && (
            <button type="submit" class={['button', action === 'cancel' && 'danger']} safe>
              {action === 'cancel' ? t('Cancel this mail') : t(actionLabels[action])}
            </button>
          )}
          <a class="button quiet" href={`/mails/${mail.id}`} safe>
            {t('Go back')}
          </a>
        </div>
      </form>
    </Layout>
  );
}

/** How many recipients, and which. */
export function RecipientNames({ recipients }: { recipients: readonly Pick<Recipient, 'address' | 'kind'>[] }): JSX.Element {
  return (
    <>
      <p safe>
        {recipients.length === 0
          ? t('unknown')
          : t('{count, plural, one {# recipient} other {# recipients}}', { count: recipients.length })}
      </p>
      <ul>
        {recipients.map(({ address, kind }) => (
          <li>
            <span safe>{address}</span> {kind !== 'to' && <span class="muted">({kind})</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

function UnknownAddresses(props: { id: string; recipients: readonly Recipient[]; canCopy: boolean }): JSX.Element {
  const unknown = props.recipients.filter(isAddressUnknown);
  if (unknown.length === 0) return '';
  const addresses = unknown.map(({ address }) => address).join(', ');
  return (
    <Notice tone="warn" title={t('The server knows no such address: {addresses}', { addresses })}>
      <p>
        <Text of="Sent there again, the mail will be rejected again." />{' '}
        {props.canCopy && (
          <a href={`/mails/${props.id}/${copyAction}`} safe>
            {t('Send a copy to the right address')}
          </a>
        )}
      </p>
    </Notice>
  );
}
