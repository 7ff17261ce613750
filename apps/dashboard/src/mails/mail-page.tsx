/** The page of a mail: its status and its message; or what is known of a mail whose record cannot be decrypted. */
import type { MailRecord } from '@posthouse/contract';
import { addressText } from '@posthouse/mailview';
import type { MailSummary } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { StateBadge } from '../ui/badge.tsx';
import { copyAsset } from '../ui/copy-button.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Reason } from '../ui/reason-explanations.tsx';
import { t } from '../ui/translate.ts';
import { ActionForms, ActionNotice } from './mail-action-forms.tsx';
import type { ActionFlash } from './mail-actions.ts';
import { CodeFact, TextFact, TimeFact } from './mail-details.tsx';
import { MailMessageCard, type MailMessageProps } from './mail-message-card.tsx';
import { type MailStatusProps, MailStatusSection } from './mail-status.tsx';
import { canStillChange } from './read-mail.ts';

/** What is shown. */
export interface MailPageProps extends MailStatusProps {
  /** The message, and how to show it. */
  content: MailMessageProps;
  /** What the action that redirected here did. */
  flash: ActionFlash | undefined;
}

export function MailPage({ content, flash, ...shown }: MailPageProps): JSX.Element {
  const { context, record } = shown;
  const { message } = content;
  const subject = message.kind === 'message' ? message.message.subject : message.kind === 'error' ? (message.subject ?? '') : '';
  const title = subject === '' ? mailTitle(record) : subject;
  const from = addressText([record.envelope.from]);
  const below = subject === '' ? t('from {from}', { from }) : t('to {to}, from {from}', { to: recipientsText(record), from });
  const status = <MailStatusSection {...shown} />;
  const isLive = canStillChange(record);
  return (
    <Layout context={context} title={title} here="/mails" assets={['mail.css', copyAsset, ...(isLive ? liveAssets : [])]}>
      <PageHead title={title} below={below} />
      {flash !== undefined && <ActionNotice {...flash} mail={record} />}
      {isLive ? <LiveSection url={`/mails/${record.id}/live`}>{status}</LiveSection> : <div class="stack">{status}</div>}
      <MailMessageCard {...content} />
      {message.kind !== 'deleted' && message.data !== undefined && (
        <DataCard title={t('Template data')} below={t('Sensitive values are masked.')} data={message.data} />
      )}
      {record.metadata !== undefined && (
        <DataCard title={t('Metadata')} below={t('Set by the application. It is not sent.')} data={record.metadata} />
      )}
    </Layout>
  );
}

/** @param flash what the action that redirected here did */
export function UnreadableMailPage(props: {
  context: PageContext;
  mail: MailSummary;
  maxAttempts: number;
  flash: ActionFlash | undefined;
}): JSX.Element {
  const { context, mail, maxAttempts, flash } = props;
  const { id, state, reason, error = 'The record could not be decrypted', template, provider } = mail;
  const { createdAt, nextAttemptAt, endedAt, attemptCount } = mail;
  const title = t('Unreadable mail');
  return (
    <Layout context={context} title={title} here="/mails" assets={['mail.css', copyAsset]}>
      <PageHead title={title} />
      {flash !== undefined && <ActionNotice {...flash} mail={mail} />}
      <Notice tone="bad" title={t('The record cannot be read.')}>
        <p safe>{t('{error}. Only fields that are not sealed are shown.', { error })}</p>
      </Notice>
      <section class="card stack" aria-label={t('State')}>
        <p class="row">
          <StateBadge state={state} />
          {reason !== undefined && <Reason reason={reason} />}
        </p>
        <ActionForms context={context} mail={mail} pauses={[]} awaited={[]} maxAttempts={maxAttempts} />
      </section>
      <section class="card">
        <h2 safe>{t('Details')}</h2>
        <Facts>
          <CodeFact name={t('Mail id')} code={id} isCopied />
          <TimeFact context={context} name={t('Received')} at={createdAt} />
          {nextAttemptAt !== undefined && <TimeFact context={context} name={t('Next attempt')} at={nextAttemptAt} />}
          {endedAt !== undefined && <TimeFact context={context} name={t('Finished')} at={endedAt} />}
          {template !== undefined && <TextFact name={t('Template')} text={template} />}
          {provider !== undefined && <TextFact name={t('Provider')} text={provider} />}
          <TextFact name={t('Attempts')} text={String(attemptCount)} />
        </Facts>
      </section>
    </Layout>
  );
}

/** `signup mail to anne@example.net`, for a mail whose subject is not known. */
export function mailTitle(mail: Pick<MailRecord, 'template' | 'recipients'>): string {
  if (mail.recipients.length === 0) return t('Unreadable mail');
  const to = recipientsText(mail);
  return mail.template === undefined ? t('Mail to {to}', { to }) : t('{template} mail to {to}', { template: mail.template, to });
}

/** The first two recipients, and how many more there are. */
function recipientsText({ recipients }: Pick<MailRecord, 'recipients'>): string {
  const first = recipients.slice(0, 2).map(({ address }) => address);
  const more = recipients.length - first.length;
  const addresses = first.join(', ');
  return more === 0 ? addresses : t('{addresses} and {more} more', { addresses, more });
}

/** Characters of one value that are shown. */
const maxValueLength = 2000;

/** Data of a mail, one row for each name. */
function DataCard({ title, below, data }: { title: string; below: string; data: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <section class="card">
      <div class="card-head">
        <h2 safe>{title}</h2>
        <p class="muted" safe>
          {below}
        </p>
      </div>
      <Facts>
        {Object.entries(data).map(([name, value]) => (
          <Fact name={name}>
            <pre class="code" safe>
              {valueText(value)}
            </pre>
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const more = text.length - maxValueLength;
  return more > 0 ? `${text.slice(0, maxValueLength)}… ${t('({more, number} more characters)', { more })}` : text;
}
