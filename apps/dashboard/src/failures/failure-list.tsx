/** The largest failure groups, as the overview shows them. */
import type { FailureGroup } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { StateBadge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';

const columns = [{ title: 'Mails' }, { title: 'Reason' }, { title: 'Template' }, { title: 'Provider' }, { title: 'Last seen' }];

/** @param failures largest first */
export function FailureList({ context, failures }: { context: PageContext; failures: readonly FailureGroup[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Top failures</h2>
        {failures.length > 0 && <a href="/failures">All failures</a>}
      </div>
      {failures.length === 0 ? (
        <EmptyState title="No failing mails">
          <p class="muted">No mail has failed, is uncertain or is being retried.</p>
        </EmptyState>
      ) : (
        <DataTable label="Top failures" columns={columns} rows={failures.map((failure) => row(context, failure))} />
      )}
    </section>
  );
}

function row(context: PageContext, { group, mails, state, reason, template, provider, lastAt }: FailureGroup): JSX.Element[] {
  return [
    <a href={mailsUrl({ group })}>
      <b safe>{mails.toLocaleString('en')}</b>
    </a>,
    <div class="row">
      <StateBadge state={state} />
      <code class="code" safe>
        {reason}
      </code>
      <span class="muted" safe>
        {explainReason(reason) ?? ''}
      </span>
    </div>,
    <span safe>{template ?? '–'}</span>,
    <span safe>{provider ?? '–'}</span>,
    <When context={context} at={lastAt} only="relative" />,
  ];
}
