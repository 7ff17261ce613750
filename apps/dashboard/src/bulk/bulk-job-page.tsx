/** The page of a bulk job: its progress, live, and the buttons that stop and resume it. */
import type { BulkJob } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { actionLabels } from '../mails/mail-actions.ts';
import { formatCount } from '../mails/mail-list-page.tsx';
import { mailsUrl } from '../mails/mail-search.ts';
import { ActionForm, Progress, When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { BulkBadge, describeScope } from './bulk-labels.tsx';

/** What is shown. */
export interface BulkJobProps {
  context: PageContext;
  job: BulkJob;
}

export function BulkJobPage({ context, job }: BulkJobProps): JSX.Element {
  const label = actionLabels[job.action];
  return (
    <Layout context={context} title={`Bulk action: ${label}`} here="/bulk" assets={liveAssets}>
      <PageHead title={`${label}: ${formatCount(job.estimate)}`} below="Runs in the background. You can leave this page." />
      <LiveSection url={`/bulk/${job.id}/live`}>
        <BulkJobSection context={context} job={job} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
export function BulkJobSection({ context, job }: BulkJobProps): JSX.Element {
  const { action, state, processed, estimate, endedAt, stoppedBy, error } = job;
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
              {remainingText(context, job)}
            </span>
          )}
          {endedAt !== undefined && <When context={context} at={endedAt} />}
          {stoppedBy !== undefined && <span safe>{`by ${stoppedBy}`}</span>}
        </div>
        <Progress label={actionLabels[action]} done={processed} total={state === 'done' ? processed : estimate.mails} />
        <JobDetails context={context} job={job} />
        {context.may('operator') && <Buttons job={job} />}
      </section>
    </>
  );
}

function JobDetails({ context, job }: BulkJobProps): JSX.Element {
  const { changed, unchanged, perSecond, by, createdAt, scope } = job;
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
        <When context={context} at={createdAt} /> <span safe>{`by ${by}`}</span>
      </Fact>
    </Facts>
  );
}

function Buttons({ job: { id, state } }: { job: BulkJob }): JSX.Element {
  return (
    <div class="row">
      {state === 'running' && <ActionForm action={`/bulk/${id}/stop`} label="Stop" kind="danger" icon="pause" />}
      {(state === 'stopped' || state === 'failed') && <ActionForm action={`/bulk/${id}/resume`} label="Resume" icon="play" />}
    </div>
  );
}

function remainingText(context: PageContext, { estimate, processed, perSecond }: BulkJob): string {
  const ms = (Math.max(estimate.mails - processed, 0) / perSecond) * 1000;
  return ms < 1000 ? 'Almost done' : `Done ${context.time.relative(Date.now() + ms)} at this rate`;
}
