/** Mails in a table: subject, recipient, state with the server's reason, template and time. With checkboxes where bulk actions are allowed. */
import type { MailFilter } from '@posthouse/contract';
import { awaitedProviders, concerns, type MailSummary, waitsForProvider } from '@posthouse/queue';
import { bulkActionLabels, bulkActionsFor } from '../mails/mail-actions.ts';
import { mailsUrl } from '../mails/mail-search.ts';
import { StateBadge } from '../ui/badge.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark } from '../ui/paused-mark.tsx';
import { explainReason } from '../ui/reason-explanations.tsx';
import { t } from '../ui/translate.ts';

/** What is listed. */
export interface MailTableProps {
  context: PageContext;
  mails: readonly MailSummary[];
  /** By id; of a mail whose subject is not stored there is none. */
  subjects: ReadonlyMap<string, string>;
  /** Decides which actions are offered: those that apply to its states. */
  filter: MailFilter;
  /** With checkboxes, and buttons for the selected mails. */
  selectable: boolean;
}

/** The table; inside a form when mails can be selected. */
export function MailTable({ context, mails, subjects, filter, selectable }: MailTableProps): JSX.Element {
  const select: Column = { title: t('Select all on this page'), selectsAll: true, class: 'select' };
  const columns: readonly Column[] = [
    { title: t('Subject'), class: 'subject' },
    { title: t('Recipient'), class: 'recipient' },
    { title: t('State'), class: 'state' },
    { title: t('Template'), class: 'template' },
    { title: t('Received'), class: 'received' },
  ];
  const rows = mails.map((mail) => [
    ...(selectable ? [<Checkbox mail={mail} />] : []),
    <Subject mail={mail} subject={subjects.get(mail.id)} />,
    <bdi class="clip" safe>
      {recipientText(mail)}
    </bdi>,
    <State context={context} mail={mail} />,
    <TemplateAndTags context={context} mail={mail} />,
    <When context={context} at={mail.createdAt} />,
  ]);
  const table = (
    <section class="card flush mail-rows">
      <DataTable label={t('Mails')} columns={selectable ? [select, ...columns] : columns} rows={rows} />
    </section>
  );
  if (!selectable) return table;
  return (
    <form class="stack" action="/bulk/new">
      {table as 'safe'}
      <fieldset class="row selection">
        <legend class="visually-hidden" safe>
          {t('Actions on the selected mails')}
        </legend>
        <span class="muted" data-selected={t('Selected mails: {rows}', { rows: '{rows}' })} safe>
          {t('Selected mails:')}
        </span>
        {bulkActionsFor(filter.state).map((action) => (
          <button type="submit" class="button quiet" name="action" value={action} safe>
            {t(bulkActionLabels[action])}
          </button>
        ))}
      </fieldset>
    </form>
  );
}

function Checkbox({ mail: { id } }: { mail: MailSummary }): JSX.Element {
  return <input type="checkbox" name="ids" value={id} aria-label={t('Select mail {id}', { id })} />;
}

/** `bdi` keeps a subject with marks of direction from changing the order of what is beside it. */
function Subject({ mail: { id, error }, subject }: { mail: MailSummary; subject: string | undefined }): JSX.Element {
  const text = error !== undefined ? t('{id}… (unreadable)', { id: id.slice(0, 8) }) : (subject ?? t('Subject not kept'));
  return (
    <a class={['clip', (subject ?? '') === '' && 'unknown']} href={`/mails/${id}`}>
      <bdi safe>{text === '' ? t('(empty subject)') : text}</bdi>
    </a>
  );
}

function recipientText({ recipients, error }: MailSummary): string {
  const [first, ...more] = recipients;
  if (error !== undefined || first === undefined) return '–';
  return more.length === 0 ? first.address : t('{address} and {more} more', { address: first.address, more: more.length });
}

function TemplateAndTags({ context, mail: { template, tags } }: { context: PageContext; mail: MailSummary }): JSX.Element {
  return (
    <span class="row tight">
      <span class="clip" safe>
        {template ?? t('Custom content')}
      </span>
      <PausedMark isSmall context={context} scope="template" name={template} />
      {tags.map((tag) => (
        <>
          <a class="tag" href={mailsUrl({ tag })} safe>
            {tag}
          </a>
          <PausedMark isSmall context={context} scope="tag" name={tag} />
        </>
      ))}
    </span>
  );
}

/** The state, its reason, and when the mail is due. */
function State({ context, mail }: { context: PageContext; mail: MailSummary }): JSX.Element {
  const { state, partial, reason, provider, nextAttemptAt, error } = mail;
  const isWaiting = nextAttemptAt !== undefined && (state === 'retrying' || state === 'scheduled');
  const isHeld = isWaiting && error === undefined && isHeldByProvider(context, mail, nextAttemptAt);
  const meaning = reason === undefined || state === 'sent' ? undefined : explainReason(reason);
  return (
    <>
      <StateBadge state={state} partial={partial} />
      <span class="detail">
        {error !== undefined && (
          <span class="error" safe>
            {t('Record unreadable: {error}', { error })}
          </span>
        )}
        {error === undefined && reason !== undefined && (
          <>
            <span class="code" safe>
              {reason}
            </span>{' '}
            {meaning !== undefined && (
              <span class="muted" safe>
                {meaning}
              </span>
            )}{' '}
          </>
        )}
        {provider !== undefined && state === 'sent' && (
          <>
            <span class="muted" safe>
              {t('via {provider}', { provider })}
            </span>{' '}
            <PausedMark isSmall context={context} scope="provider" name={provider} />
          </>
        )}
        {isWaiting && (
          <span class="muted">
            {error === undefined && reason !== undefined && '· '}
            {isHeld ? (
              <span safe>{t('It is sent once the provider can be used again.')}</span>
            ) : (
              <>
                <span safe>{state === 'scheduled' ? t('due') : t('next attempt')}</span>{' '}
                <When context={context} at={nextAttemptAt} only="relative" />
              </>
            )}
          </span>
        )}
      </span>
    </>
  );
}

/** As on the page of the mail: no pause holds it back, and it comes due before any provider can be used. */
function isHeldByProvider({ status }: PageContext, mail: MailSummary, at: number): boolean {
  if (status === undefined || !waitsForProvider(at, awaitedProviders(status.providers, status.pauses))) return false;
  return !status.pauses.some(({ scope, name = '' }) => concerns({ scope, match: name }, mail, (domain) => [domain]));
}
