/** The first page: how it goes, at a glance. All of it is kept fresh. */
import { Notice, PageHead } from '@posthouse/web';
import type { Overview } from '../overview.ts';
import type { PageContext } from '../page-context.ts';
import { FailureList } from './failure-list.tsx';
import { Layout } from './layout.tsx';
import { Live, liveAssets } from './live.tsx';
import { ProviderList } from './provider-list.tsx';
import { Tiles } from './tiles.tsx';
import { chartAssets, TrafficChart } from './traffic-chart.tsx';
import { When } from './when.tsx';
import { WorkerList } from './worker-list.tsx';

/** Who reads, and what there is. */
export interface OverviewProps {
  context: PageContext;
  overview: Overview;
}

/** The whole page. */
export function OverviewPage({ context, overview }: OverviewProps): JSX.Element {
  return (
    <Layout context={context} title="Overview" here="/" assets={['overview.css', ...chartAssets, ...liveAssets]}>
      <PageHead title="Overview" />
      <Live from="/overview/live">
        <OverviewParts context={context} overview={overview} />
      </Live>
    </Layout>
  );
}

/** What of the page changes. */
export function OverviewParts({ context, overview }: OverviewProps): JSX.Element {
  const { hour, day, providers, workers, failures } = overview;
  return (
    <>
      <Banners context={context} overview={overview} />
      <Tiles context={context} overview={overview} />
      <div class="columns">
        <TrafficChart context={context} title="The last hour, by the minute" traffic={hour} />
        <TrafficChart context={context} title="The last day, by 15 minutes" traffic={day} />
      </div>
      <FailureList context={context} failures={failures} />
      <div class="columns">
        <ProviderList context={context} providers={providers} />
        <WorkerList context={context} workers={workers} />
      </div>
    </>
  );
}

/** What keeps every mail from going out. */
function Banners({ context, overview: { workers, pause } }: OverviewProps): JSX.Element {
  return (
    <>
      {workers.length === 0 && (
        <Notice tone="bad" title="No worker is alive, so no mail goes out.">
          <p>
            Nothing is lost: mails are accepted and wait. Start a worker: <code class="code">npm run worker</code>
          </p>
        </Notice>
      )}
      {pause.paused && (
        <Notice tone="warn" title={`The queue is paused${pause.by === undefined ? '' : ` by ${pause.by}`}.`}>
          <p>
            Mails are accepted and wait. <a href="/queue">See the queue</a>
            {pause.since !== undefined && (
              <>
                {' · since '}
                <When context={context} at={pause.since} />
              </>
            )}
          </p>
        </Notice>
      )}
    </>
  );
}
