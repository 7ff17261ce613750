/** Mails in a table: recipient, state, template, reason and age. With checkboxes where bulk actions are allowed. */
import type { MailFilter } from '@posthouse/contract';
import type { MailSummary } from '@posthouse/queue';
import { StateBadge } from '../ui/badge.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';
import { actionLabels, bulkActionsFor } from './mail-actions.ts';
import { mailsUrl } from './mail-search.ts';

/** What is listed. */
export interface MailTableProps {
  context: PageContext;
  mails: readonly MailSummary[];
  /** Decides which actions are offered: those that apply to its states. */
  filter: MailFilter;
  /** With checkboxes, and buttons for the selected mails. */
  selectable: boolean;
}

const selectColumn: Column = { title: 'Select', hiddenTitle: true };
const columns: readonly Column[] = [
  { title: 'Recipient' },
  { title: 'State' },
  { title: 'Mail' },
  { title: 'Server response' },
  { title: 'Received' },
];

/** The table; inside a form when mails can be selected. */
export function MailTable({ context, mails, filter, selectable }: MailTableProps): JSX.Element {
  const rows = mails.map((mail) => [...(selectable ? [<Checkbox mail={mail} />] : []), ...cells(context, mail)]);
  const table = (
    <section class="card flush">
      <DataTable label="Mails" columns={selectable ? [selectColumn, ...columns] : columns} rows={rows} />
    </section>
  );
  if (!selectable) return table;
  return (
    <form class="stack" action="/bulk/new">
      {table as 'safe'}
      <fieldset class="row selection">
        <legend class="visually-hidden">Actions on the selected mails</legend>
        <span class="muted">Selected mails:</span>
        {bulkActionsFor(filter.state).map((action) => (
          <button type="submit" class="button quiet" name="action" value={action} safe>
            {actionLabels[action]}
          </button>
        ))}
      </fieldset>
    </form>
  );
}

function Checkbox({ mail: { id } }: { mail: MailSummary }): JSX.Element {
  return <input type="checkbox" name="ids" value={id} aria-label={`Select mail ${id}`} />;
}

function cells(context: PageContext, mail: MailSummary): JSX.Element[] {
  return [
    <a class="clip" href={`/mails/${mail.id}`} safe>
      {recipientText(mail)}
    </a>,
    <StateBadge state={mail.state} partial={mail.partial} />,
    <TemplateAndTags mail={mail} />,
    <ServerResponse context={context} mail={mail} />,
    <When context={context} at={mail.createdAt} only="relative" />,
  ];
}

function recipientText({ recipients, error, id }: MailSummary): string {
  const [first, ...more] = recipients;
  if (error !== undefined || first === undefined) return `${id.slice(0, 8)}… (unreadable)`;
  return more.length === 0 ? first.address : `${first.address} and ${more.length} more`;
}

function TemplateAndTags({ mail: { template, tags } }: { mail: MailSummary }): JSX.Element {
  return (
    <span class="row tight">
      <span safe>{template ?? 'Custom content'}</span>
      {tags.map((tag) => (
        <a class="tag" href={mailsUrl({ tag })} safe>
          {tag}
        </a>
      ))}
    </span>
  );
}

/** The reason of the mail's state, and when it is due. */
function ServerResponse({ context, mail }: { context: PageContext; mail: MailSummary }): JSX.Element {
  const { state, reason, provider, nextAttemptAt, error } = mail;
  if (error !== undefined) return <span class="error" safe>{`Record unreadable: ${error}`}</span>;
  const isWaiting = nextAttemptAt !== undefined && (state === 'retrying' || state === 'scheduled');
  const meaning = reason === undefined ? undefined : explainReason(reason);
  return (
    <span>
      {reason !== undefined && (
        <>
          <span class="code" safe>
            {reason}
          </span>{' '}
          {state !== 'sent' && meaning !== undefined && (
            <span class="muted" safe>
              {meaning}
            </span>
          )}{' '}
        </>
      )}
      {provider !== undefined && state === 'sent' && <span class="muted" safe>{`via ${provider}`}</span>}
      {isWaiting && (
        <span class="muted">
          {state === 'scheduled' ? 'due ' : '· next attempt '}
          <When context={context} at={nextAttemptAt} only="relative" />
        </span>
      )}
    </span>
  );
}
