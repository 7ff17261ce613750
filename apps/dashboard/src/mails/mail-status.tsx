/** The status of a mail: state, actions, history, recipients and details. It is live while the mail can still change. */
import type { MailRecord, Recipient } from '@posthouse/contract';
import { RecipientBadge, StateBadge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Reason } from '../ui/reason-explanations.tsx';
import { ActionForms } from './mail-action-forms.tsx';
import { MailDetails } from './mail-details.tsx';
import { MailTimeline } from './mail-timeline.tsx';

/** What is shown. */
export interface MailStatusProps {
  context: PageContext;
  record: MailRecord;
  /** Attempts of the retry schedule. */
  maxAttempts: number;
}

export function MailStatusSection({ context, record, maxAttempts }: MailStatusProps): JSX.Element {
  const reason = reasonOf(record);
  return (
    <>
      <section class="card stack" aria-label="State">
        <p class="row">
          <StateBadge state={record.state} partial={record.partial} />
          {reason !== undefined && <Reason reason={reason} />}
        </p>
        <ActionForms context={context} mail={record} maxAttempts={maxAttempts} />
      </section>
      <div class="mail-columns">
        <div class="stack">
          <section class="card">
            <h2>History</h2>
            <MailTimeline context={context} record={record} />
          </section>
          <section class="card flush">
            <h2>Recipients</h2>
            <Recipients context={context} recipients={record.recipients} />
          </section>
        </div>
        <section class="card">
          <h2>Details</h2>
          <MailDetails context={context} record={record} />
        </section>
      </div>
    </>
  );
}

/** Why it is in this state: a rejected recipient's reason where that decided, else that of the latest delivery attempt. */
function reasonOf({ attempts, lastDeferral, recipients, partial, state }: MailRecord): string | undefined {
  const attempt = attempts.at(-1);
  const latest = lastDeferral !== undefined && lastDeferral.at > (attempt?.at ?? 0) ? lastDeferral : attempt;
  const rejected = recipients.find((recipient) => recipient.state === 'rejected');
  return (partial || state === 'failed' ? rejected?.reason : undefined) ?? latest?.reason ?? rejected?.reason;
}

function Recipients({ context, recipients }: { context: PageContext; recipients: readonly Recipient[] }): JSX.Element {
  return (
    <DataTable
      label="Recipients"
      columns={['Address', 'Outcome', 'Reason', 'Provider', 'When'].map((title) => ({ title }))}
      rows={recipients.map(({ address, kind, state, uncertain, reason, provider, at }) => [
        <span>
          <span safe>{address}</span> {kind !== 'to' && <span class="muted">({kind})</span>}
        </span>,
        <RecipientBadge state={state} uncertain={uncertain === true} />,
        reason === undefined ? <span class="muted">–</span> : <Reason reason={reason} />,
        <span safe>{provider ?? '–'}</span>,
        at === undefined ? '–' : <When context={context} at={at} only="relative" />,
      ])}
    />
  );
}
