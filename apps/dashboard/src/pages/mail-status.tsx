/** What became of a mail so far: the part of its page that is kept fresh while the mail is on its way. */
import type { MailRecord, Recipient } from '@posthouse/contract';
import type { PageContext } from '../page-context.ts';
import { RecipientBadge, StateBadge } from './badge.tsx';
import { DataTable } from './data-table.tsx';
import { ActionForms } from './mail-action-forms.tsx';
import { MailFacts } from './mail-facts.tsx';
import { MailTimeline } from './mail-timeline.tsx';
import { Reason } from './reason.tsx';
import { When } from './when.tsx';

/** All of it. */
export function MailStatusSection({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  return (
    <>
      <section class="card stack" aria-label="State">
        <p class="row">
          <StateBadge state={record.state} partial={record.partial} />
          <Latest record={record} />
        </p>
        <ActionForms context={context} mail={record} />
      </section>
      <div class="mail-columns">
        <div class="stack">
          <section class="card">
            <h2>What happened</h2>
            <MailTimeline context={context} record={record} />
          </section>
          <section class="card flush">
            <h2>Recipients</h2>
            <Recipients context={context} recipients={record.recipients} />
          </section>
        </div>
        <section class="card">
          <h2>Facts</h2>
          <MailFacts context={context} record={record} />
        </section>
      </div>
    </>
  );
}

/** Why it is in this state, where that was said. */
function Latest({ record }: { record: MailRecord }): JSX.Element {
  const { attempts, lastDeferral } = record;
  const attempt = attempts.at(-1);
  const latest = lastDeferral !== undefined && lastDeferral.at > (attempt?.at ?? 0) ? lastDeferral : attempt;
  const refused = record.recipients.find(({ state }) => state === 'refused');
  const isRefused = record.partial || record.state === 'failed';
  const reason = (isRefused ? refused?.reason : undefined) ?? latest?.reason ?? refused?.reason;
  return <>{reason !== undefined && <Reason reason={reason} />}</>;
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
        reason === undefined ? <span class="muted">none yet</span> : <Reason reason={reason} />,
        <span safe>{provider ?? '–'}</span>,
        at === undefined ? '–' : <When context={context} at={at} only="relative" />,
      ])}
    />
  );
}
