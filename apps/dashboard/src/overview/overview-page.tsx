/** `/`: the overview, live: counts, traffic, top failures, providers and workers. */
import type { RequestConnection } from '@posthouse/queue';
import { PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { FailureList } from '../failures/failure-list.tsx';
import { ProviderList } from '../providers/provider-list.tsx';
import { WaitCard } from '../providers/wait-card.tsx';
import { WorkerList } from '../queue/worker-list.tsx';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SystemNotices } from '../ui/system-notices.tsx';
import { type SystemStatus, type SystemStatusReader, withLatest } from '../ui/system-status.ts';
import { t } from '../ui/translate.ts';
import type { Query } from '../ui/url-parameters.ts';
import { type Overview, OverviewCache } from './overview-cache.ts';
import { Tiles } from './tiles.tsx';
import { chartAssets, TrafficChart } from './traffic-chart.tsx';
import { type Period, type PeriodTraffic, periodIn, TrafficReader } from './traffic-reader.ts';

/** @returns the routes, as a plugin */
export function overviewRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const { statusPoll } = connection.timings.dashboard;
  const cache = new OverviewCache(connection, statusPoll);
  const reader = new TrafficReader(connection, statusPoll);
  const read = async (period: Period) => {
    const [overview, traffic, status] = await Promise.all([cache.get(), reader.get(period), statusReader.read()]);
    return { overview, traffic, status };
  };
  return async (app) => {
    app.get<{ Querystring: Query }>('/', async ({ context, query }, reply) =>
      sendPage(reply, <OverviewPage context={context} {...(await read(periodIn(query)))} />),
    );

    app.get<{ Querystring: Query }>('/overview/live', (request, reply) => {
      const period = periodIn(request.query);
      return pollLiveSection(request, reply, statusPoll, async () => (
        <OverviewSection context={request.context} {...(await read(period))} />
      ));
    });
  };
}

interface OverviewProps {
  context: PageContext;
  overview: Overview;
  traffic: PeriodTraffic;
  status: SystemStatus;
}

function OverviewPage(props: OverviewProps): JSX.Element {
  return (
    <Layout context={props.context} title={t('Overview')} here="/" assets={['overview.css', ...chartAssets, ...liveAssets]} hasNotices>
      <PageHead title={t('Overview')} />
      <LiveSection url={`/overview/live?period=${props.traffic.period}`}>
        <OverviewSection {...props} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function OverviewSection({ context, overview, traffic, status }: OverviewProps): JSX.Element {
  const { providers, workers, failures } = overview;
  return (
    <>
      <SystemNotices context={context} status={withLatest(status, overview)} />
      <Tiles context={context} overview={overview} />
      <WaitCard context={context} wait={overview.wait} due={overview.due} />
      <TrafficChart context={context} traffic={traffic} />
      <FailureList context={context} causes={failures} />
      <div class="columns">
        <ProviderList context={context} providers={providers} />
        <WorkerList context={context} workers={workers} />
      </div>
    </>
  );
}
