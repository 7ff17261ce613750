/** The largest failures: what went wrong, and how often. */
import type { FailureGroup } from '@posthouse/queue';
import type { Reader } from '../reader.ts';
import { replyWords } from '../reply-words.ts';
import { StateBadge } from './badge.tsx';
import { DataTable } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { When } from './when.tsx';

const columns = [{ title: 'Mails' }, { title: 'What' }, { title: 'Template' }, { title: 'Provider' }, { title: 'Last seen' }];

/** @param failures largest first */
export function FailureList({ reader, failures }: { reader: Reader; failures: readonly FailureGroup[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Top failures</h2>
        {failures.length > 0 && <a href="/failures">All failures</a>}
      </div>
      {failures.length === 0 ? (
        <EmptyState title="Nothing is in trouble.">
          <p class="soft">No mail has failed, is uncertain or has to be tried again.</p>
        </EmptyState>
      ) : (
        <DataTable label="Top failures" columns={columns} rows={failures.map((failure) => row(reader, failure))} />
      )}
    </section>
  );
}

function row(reader: Reader, { group, mails, state, reason, template, provider, lastAt }: FailureGroup): JSX.Element[] {
  return [
    <a href={`/mails?group=${encodeURIComponent(group)}`}>
      <b safe>{mails.toLocaleString('en')}</b>
    </a>,
    <div class="row">
      <StateBadge state={state} />
      <code class="code" safe>
        {reason}
      </code>
      <span class="soft" safe>
        {replyWords(reason) ?? ''}
      </span>
    </div>,
    <span safe>{template ?? '–'}</span>,
    <span safe>{provider ?? '–'}</span>,
    <When reader={reader} at={lastAt} only="distance" />,
  ];
}
