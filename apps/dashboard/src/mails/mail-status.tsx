/** The status of a mail: state, actions, history, recipients and details. It is live while the mail can still change. */
import type { DeliveryStep, MailRecord } from '@posthouse/contract';
import type { Pause, ProviderStatus } from '@posthouse/queue';
import { Badge, RecipientBadge, StateBadge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Reason } from '../ui/reason-explanations.tsx';
import { t } from '../ui/translate.ts';
import { ActionForms } from './mail-action-forms.tsx';
import { isNotSent } from './mail-actions.ts';
import { MailDetails } from './mail-details.tsx';
import { MailTimeline } from './mail-timeline.tsx';

/** What is shown. */
export interface MailStatusProps {
  context: PageContext;
  record: MailRecord;
  /** Its copies, newest first. */
  copies: readonly MailRecord[];
  /** Those that hold it back. */
  pauses: readonly Pause[];
  /** Providers that are down, while no other can be used. */
  awaited: readonly ProviderStatus[];
  /** Attempts of the retry schedule. */
  maxAttempts: number;
}

export function MailStatusSection({ context, record, copies, pauses, awaited, maxAttempts }: MailStatusProps): JSX.Element {
  const { reason, step } = reasonOf(record);
  return (
    <>
      <section class="card stack" aria-label={t('State')}>
        <p class="row">
          <StateBadge state={record.state} partial={record.partial} />
          {reason !== undefined && <Reason reason={reason} step={step} />}
        </p>
        <ActionForms context={context} mail={record} pauses={pauses} awaited={awaited} maxAttempts={maxAttempts} />
      </section>
      <div class="mail-columns">
        <div class="stack">
          <section class="card">
            <h2 safe>{t('History')}</h2>
            <MailTimeline context={context} record={record} copies={copies} pauses={pauses} awaited={awaited} />
          </section>
          <section class="card flush">
            <h2 safe>{t('Recipients')}</h2>
            <Recipients context={context} record={record} />
          </section>
        </div>
        <section class="card">
          <h2 safe>{t('Details')}</h2>
          <MailDetails context={context} record={record} />
        </section>
      </div>
    </>
  );
}

/** Why it is in this state: a rejected recipient's reason where that decided, else that of the latest delivery attempt. */
function reasonOf(record: MailRecord): { reason?: string | undefined; step?: DeliveryStep | undefined } {
  const { attempts, lastDeferral, recipients, partial, state } = record;
  const attempt = attempts.at(-1);
  const isDeferred = lastDeferral !== undefined && lastDeferral.at > (attempt?.at ?? 0);
  const rejected = recipients.find((recipient) => recipient.state === 'rejected');
  if (rejected !== undefined && (partial || state === 'failed')) return { reason: rejected.reason, step: stepOf(record, rejected) };
  if (isDeferred) return lastDeferral;
  return { reason: attempt?.reason ?? rejected?.reason, step: stepOf(record, { reason: attempt?.reason }) };
}

/** The step at which a server gave a reason, in the latest attempt that has it; of one recipient, or of any. */
function stepOf(
  { attempts }: MailRecord,
  { reason, address }: { reason?: string | undefined; address?: string },
): DeliveryStep | undefined {
  const outcomes = attempts.flatMap((attempt) => attempt.outcomes);
  return outcomes.findLast((outcome) => outcome.reason === reason && (address === undefined || outcome.address === address))?.step;
}

function Recipients({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  return (
    <DataTable
      label={t('Recipients')}
      columns={[t('Address'), t('Outcome'), t('Reason'), t('Provider'), t('When')].map((title) => ({ title }))}
      rows={record.recipients.map(({ address, kind, state, uncertain, reason, provider, at }) => [
        <span class="address">
          <span safe>{address}</span> {kind !== 'to' && <span class="muted">({kind})</span>}
        </span>,
        isNotSent({ state, ...(reason !== undefined && { reason }) }) ? (
          <Badge tone="quiet" icon="cancelled" label={t('Not sent')} />
        ) : (
          <RecipientBadge state={state} uncertain={uncertain === true} />
        ),
        reason === undefined ? <span class="muted">–</span> : <Reason reason={reason} step={stepOf(record, { reason, address })} />,
        <span class="whole" safe>
          {provider ?? '–'}
        </span>,
        at === undefined ? '–' : <When context={context} at={at} only="relative" />,
      ])}
    />
  );
}
