/** One piece of bulk work: how far it has come, live. */

import type { BulkJob } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { ActionForm } from './action-form.tsx';
import { actionLabel, BulkBadge, describeScope, formatCount } from './bulk-labels.tsx';
import { Layout } from './layout.tsx';
import { Live, liveAssets } from './live.tsx';
import { Progress } from './progress.tsx';
import { When } from './when.tsx';

/** Who reads, and what there is. */
export interface BulkJobProps {
  context: PageContext;
  job: BulkJob;
}

/** The whole page. */
export function BulkJobPage({ context, job }: BulkJobProps): JSX.Element {
  return (
    <Layout context={context} title={`Bulk work: ${actionLabel(job.action)}`} here="/bulk" assets={liveAssets}>
      <PageHead title={`${actionLabel(job.action)}: ${formatCount(job.estimate)}`} below="It goes on by itself; this page only watches." />
      <Live from={`/bulk/${job.id}/live`}>
        <BulkJobParts context={context} job={job} />
      </Live>
    </Layout>
  );
}

/** What of the page changes. */
export function BulkJobParts({ context, job }: BulkJobProps): JSX.Element {
  const { action, state, seen, changed, unchanged, estimate, perSecond, by, createdAt, endedAt, stoppedBy, fault, scope } = job;
  const number = (value: number) => value.toLocaleString('en');
  return (
    <>
      {state === 'failed' && (
        <Notice tone="bad" title="It broke off.">
          <p safe>{`${fault ?? 'Nobody knows why'}. Mend that, then let it go on: it goes on where it was.`}</p>
        </Notice>
      )}
      <section class="card stack" aria-label="Progress">
        <div class="row">
          <BulkBadge state={state} />
          {state === 'running' && (
            <span class="muted" safe>
              {remaining(context, job)}
            </span>
          )}
          {endedAt !== undefined && <When context={context} at={endedAt} />}
          {stoppedBy !== undefined && <span safe>{`by ${stoppedBy}`}</span>}
        </div>
        <Progress label={actionLabel(action)} done={seen} all={state === 'done' ? seen : estimate.mails} />
        <Facts>
          <Fact name="Changed">
            <b class="number" safe>
              {number(changed)}
            </b>
          </Fact>
          <Fact name="Left as they were">
            <span class="number" safe>
              {number(unchanged)}
            </span>
          </Fact>
          <Fact name="Mails">
            {scope === undefined ? (
              <span>What it is for was sealed with a key that this dashboard does not have</span>
            ) : (
              <>
                <span safe>{describeScope(context, scope)}</span> {'filter' in scope && <a href={mailsUrl(scope.filter)}>See them</a>}
              </>
            )}
          </Fact>
          <Fact name="Pace">
            <span class="number" safe>{`${number(perSecond)} a second at the most`}</span>
          </Fact>
          <Fact name="BeginResult">
            <When context={context} at={createdAt} /> <span safe>{`by ${by}`}</span>
          </Fact>
        </Facts>
        {context.may('operator') && <Buttons job={job} />}
      </section>
    </>
  );
}

function Buttons({ job: { id, state } }: { job: BulkJob }): JSX.Element {
  return (
    <div class="row">
      {state === 'running' && <ActionForm action={`/bulk/${id}/stop`} label="Stop" kind="danger" icon="pause" />}
      {(state === 'stopped' || state === 'failed') && <ActionForm action={`/bulk/${id}/resume`} label="Go on" icon="play" />}
    </div>
  );
}

function remaining(context: PageContext, { estimate, seen, perSecond }: BulkJob): string {
  const ms = (Math.max(estimate.mails - seen, 0) / perSecond) * 1000;
  return ms < 1000 ? 'It is nearly at its end' : `At its pace it ends ${context.time.relative(Date.now() + ms)}`;
}
