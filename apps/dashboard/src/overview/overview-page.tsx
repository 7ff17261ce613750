/** `/`: the overview, live: counts, traffic, top failures, providers and workers. */
import type { RequestConnection } from '@posthouse/queue';
import { Notice, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { FailureList } from '../failures/failure-list.tsx';
import { ProviderList } from '../queue/provider-list.tsx';
import { WorkerList } from '../queue/worker-list.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { type Overview, OverviewCache } from './overview-cache.ts';
import { Tiles } from './tiles.tsx';
import { chartAssets, TrafficChart } from './traffic-chart.tsx';

/** @returns the routes, as a plugin */
export function overviewRoutes(connection: RequestConnection): FastifyPluginAsync {
  const { statusPoll } = connection.timings.dashboard;
  const cache = new OverviewCache(connection, statusPoll);
  return async (app) => {
    app.get('/', async ({ context }, reply) => sendPage(reply, <OverviewPage context={context} overview={await cache.get()} />));

    app.get('/overview/live', (request, reply) =>
      pollLiveSection(request, reply, statusPoll, async () => <OverviewSection context={request.context} overview={await cache.get()} />),
    );
  };
}

interface OverviewProps {
  context: PageContext;
  overview: Overview;
}

function OverviewPage({ context, overview }: OverviewProps): JSX.Element {
  return (
    <Layout context={context} title="Overview" here="/" assets={['overview.css', ...chartAssets, ...liveAssets]}>
      <PageHead title="Overview" />
      <LiveSection url="/overview/live">
        <OverviewSection context={context} overview={overview} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function OverviewSection({ context, overview }: OverviewProps): JSX.Element {
  const { hour, day, providers, workers, failures } = overview;
  return (
    <>
      <Banners context={context} overview={overview} />
      <Tiles context={context} overview={overview} />
      <div class="columns">
        <TrafficChart context={context} title="Last hour, per minute" traffic={hour} />
        <TrafficChart context={context} title="Last 24 hours, per 15 minutes" traffic={day} />
      </div>
      <FailureList context={context} causes={failures} />
      <div class="columns">
        <ProviderList context={context} providers={providers} />
        <WorkerList context={context} workers={workers} />
      </div>
    </>
  );
}

/** Shown while no mail at all is sent. */
function Banners({ context, overview: { workers, pause } }: OverviewProps): JSX.Element {
  return (
    <>
      {workers.length === 0 && (
        <Notice tone="bad" title="No worker is running, so no mail is sent.">
          <p>
            Mails are accepted and wait in the queue. Start a worker: <code class="code">npm run worker</code>
          </p>
        </Notice>
      )}
      {pause.paused && (
        <Notice tone="warn" title={`The queue is paused${pause.by === undefined ? '' : ` by ${pause.by}`}.`}>
          <p>
            Mails are accepted and wait. <a href="/queue">Go to the queue</a>
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
