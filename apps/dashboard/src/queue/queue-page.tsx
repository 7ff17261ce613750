/** The page of the queue: whether it runs, how many mails are in each state, providers and workers. And the page that confirms a pause. */
import { type MailState, mailStates } from '@posthouse/contract';
import type { LiveWorker, PauseState, ProviderStatus } from '@posthouse/queue';
import { PageHead } from '@posthouse/web';
import { Badge, StateBadge } from '../ui/badge.tsx';
import { ActionForm, When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { ProviderList } from './provider-list.tsx';
import { WorkerList } from './worker-list.tsx';

/** The queue at one moment. */
export interface QueueStatus {
  counts: Record<MailState, number>;
  pause: PauseState;
  providers: readonly ProviderStatus[];
  workers: readonly LiveWorker[];
}

interface QueueProps {
  context: PageContext;
  status: QueueStatus;
}

export function QueuePage({ context, status }: QueueProps): JSX.Element {
  return (
    <Layout context={context} title="Queue" here="/queue" assets={['queue.css', ...liveAssets]}>
      <PageHead title="Queue">
        {context.may('admin') && (
          <a class="button quiet" href="/queue/board/">
            BullMQ jobs
          </a>
        )}
      </PageHead>
      <LiveSection url="/queue/live">
        <QueueSection context={context} status={status} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
export function QueueSection({ context, status: { counts, pause, providers, workers } }: QueueProps): JSX.Element {
  return (
    <>
      <PauseCard context={context} pause={pause} />
      <div class="columns">
        <section class="card flush">
          <div class="card-head">
            <h2>Mails by state</h2>
          </div>
          <ul class="state-counts">
            {mailStates.map((state) => (
              <li>
                <a href={`/mails?state=${state}`}>
                  <StateBadge state={state} />
                </a>
                <span class="number" safe>
                  {counts[state].toLocaleString('en')}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <div class="stack state-counts-side">
          <ProviderList context={context} providers={providers} />
          <WorkerList context={context} workers={workers} />
        </div>
      </div>
    </>
  );
}

function PauseCard({ context, pause: { paused, by, since } }: { context: PageContext; pause: PauseState }): JSX.Element {
  return (
    <section class="card row" aria-label="Queue state">
      {paused ? <Badge tone="busy" icon="pause" label="Paused" /> : <Badge tone="good" icon="play" label="Running" />}
      {paused ? (
        <p>
          <span safe>{by === undefined ? 'By a tool other than this dashboard.' : `By ${by}`}</span>
          {since !== undefined && (
            <>
              {' since '}
              <When context={context} at={since} />
            </>
          )}
        </p>
      ) : (
        <p class="muted">Workers send mails as they become due.</p>
      )}
      {context.may('operator') && (
        <a class={['button', !paused && 'quiet']} href={paused ? '/queue/resume' : '/queue/pause'}>
          {paused ? 'Resume…' : 'Pause…'}
        </a>
      )}
    </section>
  );
}

/** Asks for confirmation before the queue is paused or resumed. */
export function ConfirmPausePage({ context, change, status }: QueueProps & { change: 'pause' | 'resume' }): JSX.Element {
  const waiting = (status.counts.queued + status.counts.retrying).toLocaleString('en');
  const title = change === 'pause' ? 'Pause the queue' : 'Resume the queue';
  const effect =
    change === 'pause'
      ? 'Workers stop taking mails until a user resumes the queue. New mails are still accepted and wait. Mails that are being sent now are finished.'
      : `Workers take mails again, those with high priority first: ${waiting} waiting, retries included.`;
  return (
    <Layout context={context} title={title} here="/queue">
      <PageHead title={`${title}?`} />
      <section class="card stack">
        <p safe>{effect}</p>
        <div class="row">
          {change === 'pause' ? (
            <ActionForm action="/queue/pause" label={title} kind="danger" icon="pause" />
          ) : (
            <ActionForm action="/queue/resume" label={title} icon="play" />
          )}
          <a class="button quiet" href="/queue">
            Cancel
          </a>
        </div>
      </section>
    </Layout>
  );
}
