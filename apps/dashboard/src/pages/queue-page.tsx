/** The queue as a whole: whether it runs, how much is in it, and who works on it. */

import { type MailState, mailStates } from '@posthouse/contract';
import type { LiveWorker, PauseState, ProviderStatus } from '@posthouse/queue';
import { PageHead } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { Badge, StateBadge } from './badge.tsx';
import { Layout } from './layout.tsx';
import { Live, liveAssets } from './live.tsx';
import { ProviderList } from './provider-list.tsx';
import { When } from './when.tsx';
import { WorkerList } from './worker-list.tsx';

/** How it is, at one moment. */
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

/** The whole page. */
export function QueuePage({ context, status }: QueueProps): JSX.Element {
  return (
    <Layout context={context} title="Queue" here="/queue" assets={['queue.css', ...liveAssets]}>
      <PageHead title="Queue">
        {context.may('admin') && (
          <a class="button quiet" href="/queue/board/">
            Raw board
          </a>
        )}
      </PageHead>
      <Live from="/queue/live">
        <QueueParts context={context} status={status} />
      </Live>
    </Layout>
  );
}

/** What of the page changes. */
export function QueueParts({ context, status: { counts, pause, providers, workers } }: QueueProps): JSX.Element {
  return (
    <>
      <Running context={context} pause={pause} />
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

function Running({ context, pause: { paused, by, since } }: { context: PageContext; pause: PauseState }): JSX.Element {
  return (
    <section class="card row" aria-label="Whether it runs">
      {paused ? <Badge tone="busy" icon="pause" word="Paused" /> : <Badge tone="good" icon="play" word="Running" />}
      {paused ? (
        <p>
          <span safe>{by === undefined ? 'By another tool than this dashboard.' : `By ${by}`}</span>
          {since !== undefined && (
            <>
              {' since '}
              <When context={context} at={since} />
            </>
          )}
        </p>
      ) : (
        <p class="muted">Workers take mails as they come due.</p>
      )}
      {context.may('operator') && (
        <a class={['button', !paused && 'quiet']} href={paused ? '/queue/resume' : '/queue/pause'}>
          {paused ? 'Resume…' : 'Pause…'}
        </a>
      )}
    </section>
  );
}
