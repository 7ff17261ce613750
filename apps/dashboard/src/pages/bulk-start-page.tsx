/** Bulk work before it starts: what it will do, to how many mails, and how fast. */

import { limits } from '@posthouse/contract';
import type { MailCount } from '@posthouse/queue';
import { EmptyState, Fact, Facts, PageHead, TextField } from '@posthouse/web';
import { type BulkRequest, bulkRequestFields } from '../bulk-request.ts';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { describeScope, formatCount } from './bulk-labels.tsx';
import { Layout } from './layout.tsx';

/** What is looked over. */
export interface BulkStartProps {
  context: PageContext;
  request: BulkRequest;
  estimate: MailCount;
  /** As it was typed. */
  pace: string;
  /** The pace is none. */
  isFaulty?: boolean;
}

/** The whole page. */
export function BulkStartPage(props: BulkStartProps): JSX.Element {
  const { context, request, estimate } = props;
  return (
    <Layout context={context} title={`${request.choice.word}: look it over`} here="/bulk">
      <PageHead title={`${request.choice.word}: ${formatCount(estimate)}`} below={`This ${request.choice.does}.`} />
      {estimate.mails === 0 && estimate.exact ? (
        <section class="card">
          <EmptyState title="There is nothing to do">
            <p class="muted">None of these mails is in a state in which this would change it.</p>
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

function StartForm({ context, request, estimate, pace, isFaulty = false }: BulkStartProps): JSX.Element {
  const { choice, scope } = request;
  const { min, max } = limits.bulkRate;
  const range = `A whole number from ${min} to ${max}`;
  return (
    <form class="card stack" method="post" action="/bulk">
      <Facts>
        <Fact name="Mails">
          <span safe>{describeScope(context, scope)}</span> {'filter' in scope && <a href={mailsUrl(scope.filter)}>See them</a>}
        </Fact>
        <Fact name="Left alone">
          <span>Mails that are in another state when their turn comes, and mails that are accepted from now on</span>
        </Fact>
      </Facts>
      {bulkRequestFields(request).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <div class="fields">
        <TextField
          name="perSecond"
          label="Mails a second, at the most"
          type="number"
          value={pace}
          required
          {...(isFaulty ? { error: range } : { hint: range })}
        />
      </div>
      <div class="row">
        <button type="submit" class={['button', choice.action === 'cancel' && 'danger']} safe>
          {`${choice.word}: ${formatCount(estimate)}`}
        </button>
        <a class="button quiet" href={'filter' in scope ? mailsUrl(scope.filter) : '/mails'}>
          Leave it
        </a>
      </div>
    </form>
  );
}
