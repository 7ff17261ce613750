/** The review of a bulk action before it starts: what it does, to how many mails, and at which rate. */
import { limits } from '@posthouse/contract';
import type { MailCount } from '@posthouse/queue';
import { EmptyState, Fact, Facts, PageHead, TextField } from '@posthouse/web';
import { actionLabels, bulkEffects } from '../mails/mail-actions.ts';
import { formatCount } from '../mails/mail-list-page.tsx';
import { mailsUrl } from '../mails/mail-search.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { describeScope } from './bulk-labels.tsx';
import { type BulkRequest, bulkRequestFields } from './bulk-request.ts';

/** What is reviewed. */
export interface BulkStartProps {
  context: PageContext;
  request: BulkRequest;
  estimate: MailCount;
  /** The value of the rate field, as it was entered. */
  rate: string;
  /** The rate is invalid. */
  isInvalid?: boolean;
}

export function BulkStartPage(props: BulkStartProps): JSX.Element {
  const { context, request, estimate } = props;
  const label = actionLabels[request.action];
  return (
    <Layout context={context} title={`${label}: review`} here="/bulk">
      <PageHead title={`${label}: ${formatCount(estimate)}`} below={`This ${bulkEffects[request.action]}.`} />
      {estimate.mails === 0 && estimate.exact ? (
        <section class="card">
          <EmptyState title="Nothing to do">
            <p class="muted">This action does not apply to the state of any of these mails.</p>
            <a class="button quiet" href="/mails">
              Go to the mails
            </a>
          </EmptyState>
        </section>
      ) : (
        <StartForm {...props} />
      )}
    </Layout>
  );
}

function StartForm({ context, request, estimate, rate, isInvalid = false }: BulkStartProps): JSX.Element {
  const { action, scope } = request;
  const { min, max } = limits.bulkRate;
  const range = `A whole number from ${min} to ${max}`;
  return (
    <form class="card stack" method="post" action="/bulk">
      <Facts>
        <Fact name="Mails">
          <span safe>{describeScope(context, scope)}</span> {'filter' in scope && <a href={mailsUrl(scope.filter)}>Show mails</a>}
        </Fact>
        <Fact name="Skipped">
          <span>Mails whose state has changed when the action reaches them, and mails that are received after the start</span>
        </Fact>
      </Facts>
      {bulkRequestFields(request).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <div class="fields">
        <TextField
          name="perSecond"
          label="Mails per second, at most"
          type="number"
          value={rate}
          required
          {...(isInvalid ? { error: range } : { hint: range })}
        />
      </div>
      <div class="row">
        <button type="submit" class={['button', action === 'cancel' && 'danger']} safe>
          {`${actionLabels[action]}: ${formatCount(estimate)}`}
        </button>
        <a class="button quiet" href={'filter' in scope ? mailsUrl(scope.filter) : '/mails'}>
          {action === 'cancel' ? 'Go back' : 'Cancel'}
        </a>
      </div>
    </form>
  );
}
