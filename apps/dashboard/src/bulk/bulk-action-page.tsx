/** The page of a bulk action: its progress, live, and the buttons that stop and resume it. */
import type { BulkAction } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { actionLabels } from '../mails/mail-actions.ts';
import { formatCount } from '../mails/mail-list-page.tsx';
import { mailsUrl } from '../mails/mail-search.ts';
import { ActionForm, Progress, When, WhenBy } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { BulkBadge, describeScope } from './bulk-labels.tsx';

/** What is shown. */
export interface BulkActionProps {
  context: PageContext;
  bulk: BulkAction;
}

export function BulkActionPage({ context, bulk }: BulkActionProps): JSX.Element {
  const label = actionLabels[bulk.action];
  return (
    <Layout context={context} title={`Bulk action: ${label}`} here="/bulk" assets={liveAssets}>
      <PageHead title={`${label}: ${formatCount(bulk.estimate)}`} below="Runs in the background. You can leave this page." />
      <LiveSection url={`/bulk/${bulk.id}/live`}>
        <BulkActionSection context={context} bulk={bulk} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
export function BulkActionSection({ context, bulk }: BulkActionProps): JSX.Element {
  const { action, state, processed, estimate, endedAt, stoppedBy, error } = bulk;
  return (
    <>
      {state === 'failed' && (
        <Notice tone="bad" title="The bulk action failed.">
          <p safe>{`${error ?? 'The cause is unknown'}. Fix the cause, then resume; it continues where it stopped.`}</p>
        </Notice>
      )}
      <section class="card stack" aria-label="Progress">
        <div class="row">
          <BulkBadge state={state} />
          {state === 'running' && (
            <span class="muted" safe>
              {remainingText(context, bulk)}
            </span>
          )}
          {endedAt !== undefined && <When context={context} at={endedAt} />}
          {stoppedBy !== undefined && <span safe>{`by ${stoppedBy}`}</span>}
        </div>
        <Progress label={actionLabels[action]} done={processed} total={state === 'done' ? processed : estimate.mails} />
        <BulkDetails context={context} bulk={bulk} />
        {context.may('operator') && <Buttons bulk={bulk} />}
      </section>
    </>
  );
}

function BulkDetails({ context, bulk }: BulkActionProps): JSX.Element {
  const { changed, unchanged, perSecond, by, createdAt, scope } = bulk;
  return (
    <Facts>
      <Fact name="Changed">
        <b class="number" safe>
          {changed.toLocaleString('en')}
        </b>
      </Fact>
      <Fact name="Skipped">
        <span class="number" safe>
          {unchanged.toLocaleString('en')}
        </span>
      </Fact>
      <Fact name="Mails">
        {scope === undefined ? (
          <span>Encrypted with a key that this dashboard does not have</span>
        ) : (
          <>
            <span safe>{describeScope(context, scope)}</span> {'filter' in scope && <a href={mailsUrl(scope.filter)}>Show mails</a>}
          </>
        )}
      </Fact>
      <Fact name="Rate">
        <span class="number" safe>{`at most ${perSecond.toLocaleString('en')} per second`}</span>
      </Fact>
      <Fact name="Started">
        <WhenBy context={context} at={createdAt} by={by} />
      </Fact>
    </Facts>
  );
}

function Buttons({ bulk: { id, state } }: { bulk: BulkAction }): JSX.Element {
  return (
    <div class="row">
      {state === 'running' && <ActionForm action={`/bulk/${id}/stop`} label="Stop" kind="danger" icon="pause" />}
      {(state === 'stopped' || state === 'failed') && <ActionForm action={`/bulk/${id}/resume`} label="Resume" icon="play" />}
    </div>
  );
}

function remainingText(context: PageContext, { estimate, processed, perSecond }: BulkAction): string {
  const ms = (Math.max(estimate.mails - processed, 0) / perSecond) * 1000;
  return ms < 1000 ? 'Almost done' : `Done ${context.time.relative(Date.now() + ms)} at this rate`;
}
