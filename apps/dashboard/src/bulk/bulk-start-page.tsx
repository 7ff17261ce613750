/** The review of a bulk action before it starts: what it does, to how many mails, and at which rate. */
import { limits } from '@posthouse/contract';
import { EmptyState, Fact, Facts, Notice, PageHead, TextField } from '@posthouse/web';
import { formatCount } from '../mail-list/mail-count.ts';
import { bulkActionLabels, bulkEffects } from '../mails/mail-actions.ts';
import { mailsUrl } from '../mails/mail-search.ts';
import { stateLabel } from '../ui/badge.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t } from '../ui/translate.ts';
import { CauseList, describeScope } from './bulk-labels.tsx';
import { type BulkRequest, bulkRequestFields } from './bulk-request.ts';
import type { BulkReview } from './bulk-review.ts';

/** What is reviewed. */
export interface BulkStartProps {
  context: PageContext;
  request: BulkRequest;
  review: BulkReview;
  /** The value of the rate field, as it was entered. */
  rate: string;
  /** The rate is invalid. */
  isInvalid?: boolean;
}

export function BulkStartPage(props: BulkStartProps): JSX.Element {
  const { context, request, review } = props;
  const { estimate, rejectedAgain } = review;
  const label = t(bulkActionLabels[request.action]);
  return (
    <Layout context={context} title={t('{label}: review', { label })} here="/bulk" assets={['bulk.css']}>
      <PageHead title={`${label}: ${formatCount(estimate)}`} below={t(bulkEffects[request.action])} />
      {rejectedAgain.mails > 0 && (
        <Notice tone="warn" title={t('Will be rejected again: {counted}', { counted: formatCount(rejectedAgain) })}>
          <p safe>{t('The server knows no such address. Send a copy to the right address instead, on the page of a mail.')}</p>
        </Notice>
      )}
      {estimate.mails === 0 && estimate.exact ? (
        <section class="card">
          <EmptyState title={t('Nothing to do')}>
            <p class="muted" safe>
              {t('This action does not apply to the state of any of these mails.')}
            </p>
            <a class="button quiet" href="/mails" safe>
              {t('Go to the mails')}
            </a>
          </EmptyState>
        </section>
      ) : (
        <StartForm {...props} />
      )}
    </Layout>
  );
}

function StartForm({ context, request, review, rate, isInvalid = false }: BulkStartProps): JSX.Element {
  const { estimate, causes, leftOut } = review;
  const { action, scope, isFromFailures } = request;
  const back = isFromFailures ? '/failures' : 'filter' in scope ? mailsUrl(scope.filter) : '/mails';
  const { min, max } = limits.bulkRate;
  const range = t('A whole number from {min} to {max}', { min, max });
  return (
    <form class="card stack" method="post" action="/bulk">
      <Facts>
        {causes !== undefined && (
          <Fact name={t('Cause')}>
            <CauseList causes={causes} />
          </Fact>
        )}
        <Fact name={t('Mails')}>
          <span safe>{describeScope(context, scope)}</span>{' '}
          {'filter' in scope && (
            <a href={mailsUrl(scope.filter)} safe>
              {t('Show mails')}
            </a>
          )}
        </Fact>
        {estimate.retried !== undefined && (
          <Fact name={t('Retried')}>
            <ul class="plain-list">
              <li safe>{t('{failed, plural, one {# failed mail} other {# failed mails}}', { failed: estimate.retried.failed })}</li>
              <li>
                <Text
                  of="{mails, plural, one {# partly sent mail} other {# partly sent mails}}, only to the recipients that were rejected"
                  values={{ mails: estimate.retried.partlySent }}
                />
              </li>
            </ul>
          </Fact>
        )}
        {leftOut.length > 0 && (
          <Fact name={t('Left out')}>
            <ul class="plain-list">
              {leftOut.map(({ state, mails }) => (
                <li>
                  <Text
                    of="{state}: {counted}. This action does not apply to mails in this state."
                    values={{ state: stateLabel(state), counted: formatCount({ mails, exact: true }) }}
                  />
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name={t('Skipped')}>
          <Text of="Mails whose state has changed when the action reaches them, and mails that are received after the start" />
        </Fact>
      </Facts>
      {bulkRequestFields(request).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <div class="fields">
        <TextField
          name="perSecond"
          label={t('Mails per second, at most')}
          type="number"
          value={rate}
          required
          {...(isInvalid ? { error: range } : { hint: range })}
        />
      </div>
      <div class="row">
        <button type="submit" class={['button', action === 'cancel' && 'danger']} safe>
          {`${t(bulkActionLabels[action])}: ${formatCount(estimate)}`}
        </button>
        <a class="button quiet" href={back} safe>
          {t('Go back')}
        </a>
      </div>
    </form>
  );
}
