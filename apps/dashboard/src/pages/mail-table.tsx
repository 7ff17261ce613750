/** Mails in a table: who was to get what, what became of it, and why. With boxes to choose some of them by. */
import type { MailFilter } from '@posthouse/contract';
import type { MailSummary } from '@posthouse/queue';
import type { PageContext } from '../page-context.ts';
import { explainReason } from '../reason-explanations.ts';
import { StateBadge } from './badge.tsx';
import { bulkActions } from './bulk-actions.ts';
import { type Column, DataTable } from './data-table.tsx';
import { When } from './when.tsx';

/** What is listed. */
export interface MailTableProps {
  context: PageContext;
  mails: readonly MailSummary[];
  /** The actions offered are those that do something to its states. */
  filter: MailFilter;
  /** With boxes, and buttons for what is chosen. */
  selectable: boolean;
}

const box: Column = { title: 'Choose', silent: true };
const columns: readonly Column[] = [
  { title: 'Recipient' },
  { title: 'State' },
  { title: 'Mail' },
  { title: 'What was said' },
  { title: 'Accepted' },
];

/** The table, in a form when mails can be chosen. */
export function MailTable({ context, mails, filter, selectable }: MailTableProps): JSX.Element {
  const rows = mails.map((mail) => [...(selectable ? [<Box mail={mail} />] : []), ...cells(context, mail)]);
  const table = (
    <section class="card flush">
      <DataTable label="Mails" columns={selectable ? [box, ...columns] : columns} rows={rows} />
    </section>
  );
  if (!selectable) return table;
  return (
    <form class="stack" action="/bulk/new">
      {table as 'safe'}
      <fieldset class="row selection">
        <legend class="visually-hidden">With the chosen mails</legend>
        <span class="muted">Chosen ones:</span>
        {bulkActions(filter.state).map(({ action, word }) => (
          <button type="submit" class="button quiet" name="action" value={action} safe>
            {word}
          </button>
        ))}
      </fieldset>
    </form>
  );
}

function Box({ mail: { id } }: { mail: MailSummary }): JSX.Element {
  return <input type="checkbox" name="ids" value={id} aria-label={`Choose the mail ${id}`} />;
}

function cells(context: PageContext, mail: MailSummary): JSX.Element[] {
  return [
    <a class="clip" href={`/mails/${mail.id}`} safe>
      {recipientWords(mail)}
    </a>,
    <StateBadge state={mail.state} partial={mail.partial} />,
    <Subject mail={mail} />,
    <Said context={context} mail={mail} />,
    <When context={context} at={mail.createdAt} only="relative" />,
  ];
}

function recipientWords({ recipients, fault, id }: MailSummary): string {
  const [first, ...more] = recipients;
  if (fault !== undefined || first === undefined) return `${id.slice(0, 8)}… (cannot be opened)`;
  return more.length === 0 ? first.address : `${first.address} and ${more.length} more`;
}

function Subject({ mail: { template, tags } }: { mail: MailSummary }): JSX.Element {
  return (
    <span class="row tight">
      <span safe>{template ?? 'written by the caller'}</span>
      {tags.map((tag) => (
        <a class="tag" href={`/mails?tag=${encodeURIComponent(tag)}`} safe>
          {tag}
        </a>
      ))}
    </span>
  );
}

/** The reason of what is in trouble, and when it is tried next. */
function Said({
  context,
  mail: { state, reason, provider, nextAttemptAt, fault },
}: {
  context: PageContext;
  mail: MailSummary;
}): JSX.Element {
  if (fault !== undefined) return <span class="error" safe>{`Its record cannot be opened: ${fault}`}</span>;
  const isWaiting = nextAttemptAt !== undefined && (state === 'retrying' || state === 'scheduled');
  const words = reason === undefined ? undefined : explainReason(reason);
  return (
    <span>
      {reason !== undefined && (
        <>
          <span class="code" safe>
            {reason}
          </span>{' '}
          {state !== 'sent' && words !== undefined && (
            <span class="muted" safe>
              {words}
            </span>
          )}{' '}
        </>
      )}
      {provider !== undefined && state === 'sent' && <span class="muted" safe>{`by ${provider}`}</span>}
      {isWaiting && (
        <span class="muted">
          {state === 'scheduled' ? 'due ' : '· next try '}
          <When context={context} at={nextAttemptAt} only="relative" />
        </span>
      )}
    </span>
  );
}
