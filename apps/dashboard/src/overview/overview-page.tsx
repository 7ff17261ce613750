/** `/`: the overview, live: counts, traffic, top failures, providers and workers. */
import type { RequestConnection } from '@posthouse/queue';
import { PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { FailureList } from '../failures/failure-list.tsx';
import { ProviderList } from '../queue/provider-list.tsx';
import { WaitCard } from '../queue/wait-card.tsx';
import { WorkerList } from '../queue/worker-list.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SystemNotices } from '../ui/system-notices.tsx';
import { type SystemStatus, type SystemStatusReader, withLatest } from '../ui/system-status.ts';
import { type Overview, OverviewCache } from './overview-cache.ts';
import { Tiles } from './tiles.tsx';
import { chartAssets, TrafficChart } from './traffic-chart.tsx';

/** @returns the routes, as a plugin */
export function overviewRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const { statusPoll } = connection.timings.dashboard;
  const cache = new OverviewCache(connection, statusPoll);
  const read = async () => {
    const [overview, status] = await Promise.all([cache.get(), statusReader.read()]);
    return { overview, status };
  };
  return async (app) => {
    app.get('/', async ({ context }, reply) => sendPage(reply, <OverviewPage context={context} {...(await read())} />));

    app.get('/overview/live', (request, reply) =>
      pollLiveSection(request, reply, statusPoll, async () => <OverviewSection context={request.context} {...(await read())} />),
    );
  };
}

interface OverviewProps {
  context: PageContext;
  overview: Overview;
  status: SystemStatus;
}

function OverviewPage({ context, overview, status }: OverviewProps): JSX.Element {
  return (
    <Layout context={context} title="Overview" here="/" assets={['overview.css', ...chartAssets, ...liveAssets]} hasNotices>
      <PageHead title="Overview" />
      <LiveSection url="/overview/live">
        <OverviewSection context={context} overview={overview} status={status} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function OverviewSection({ context, overview, status }: OverviewProps): JSX.Element {
  const { hour, day, providers, workers, failures } = overview;
  return (
    <>
      <SystemNotices context={context} status={withLatest(status, overview)} />
      <Tiles context={context} overview={overview} />
      <WaitCard context={context} wait={overview.wait} oldest={overview.oldestWaiting} />
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
