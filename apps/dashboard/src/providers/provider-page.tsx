/** `/providers`: each provider and what it did in the last hour, or with `?period=day` in the last 24 hours; and how long mails wait. Live. */
import {
  type DomainFigures,
  DomainStatistics,
  type ProviderFigures,
  ProviderStatistics,
  type ProviderStatus,
  type Quantiles,
  QueueMeter,
  QueueOverview,
  type RequestConnection,
  type WaitingMails,
} from '@posthouse/queue';
import { PageHead, sendPage, Tabs } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SystemNotices } from '../ui/system-notices.tsx';
import { type SystemStatus, type SystemStatusReader, withLatest } from '../ui/system-status.ts';
import { t, text } from '../ui/translate.ts';
import { choiceIn, type Query } from '../ui/url-parameters.ts';
import { DomainTable } from './domain-table.tsx';
import { LatencyTable } from './latency-table.tsx';
import { ProviderTable, StepTable } from './provider-figures.tsx';
import { WaitCard } from './wait-card.tsx';

const periods = {
  hour: { minutes: 60, name: text('Last hour'), inText: text('last hour') },
  day: { minutes: 24 * 60, name: text('Last 24 hours'), inText: text('last 24 hours') },
} as const;

type Period = keyof typeof periods;

/** Recipient domains that are shown. */
const maxDomains = 20;

interface ProvidersProps {
  context: PageContext;
  period: Period;
  system: SystemStatus;
  providers: readonly ProviderStatus[];
  figures: ReadonlyMap<string, ProviderFigures>;
  wait: Quantiles | undefined;
  templates: ReadonlyMap<string, Quantiles>;
  domains: readonly DomainFigures[];
  due: WaitingMails;
}

/** @returns the routes, as a plugin */
export function providerRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const meter = new QueueMeter(connection);
  const statistics = new ProviderStatistics(connection);
  const domainStatistics = new DomainStatistics(connection);
  const read = async (context: PageContext, period: Period): Promise<ProvidersProps> => {
    const [system, due, providers] = await Promise.all([statusReader.read(), meter.due(), overview.providers()]);
    const read = await statistics.read(
      providers.map(({ name }) => name),
      periods[period].minutes,
    );
    const domains = await domainStatistics.failing(period, maxDomains);
    return { context, period, system, providers, due, domains, ...read };
  };
  return async (app) => {
    app.get<{ Querystring: Query }>('/providers', async ({ context, query }, reply) =>
      sendPage(reply, <ProvidersPage {...(await read(context, periodIn(query)))} />),
    );

    app.get<{ Querystring: Query }>('/providers/live', (request, reply) => {
      const period = periodIn(request.query);
      return pollLiveSection(request, reply, connection.timings.dashboard.statusPoll, async () => (
        <ProvidersSection {...(await read(request.context, period))} />
      ));
    });
  };
}

/** @throws HttpError 400 where the value is no period */
function periodIn(query: Query): Period {
  return choiceIn(query, 'period', Object.keys(periods) as Period[]) ?? 'hour';
}

function ProvidersPage(props: ProvidersProps): JSX.Element {
  const { context, period } = props;
  const tabs = (Object.keys(periods) as Period[]).map((each) => ({
    name: t(periods[each].name),
    href: each === 'hour' ? '/providers' : `/providers?period=${each}`,
    current: each === period,
  }));
  return (
    <Layout context={context} title={t('Providers')} here="/providers" assets={[...liveAssets]} hasNotices>
      <PageHead title={t('Providers')} below={t('Counts are of recipients. A worker reports every few seconds.')} />
      <Tabs label={t('Period')} tabs={tabs} />
      <LiveSection url={`/providers/live?period=${period}`}>
        <ProvidersSection {...props} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function ProvidersSection({ context, period, system, providers, figures, wait, due, templates, domains }: ProvidersProps): JSX.Element {
  return (
    <>
      <SystemNotices context={context} status={withLatest(system, { providers })} isOnProviders />
      <WaitCard context={context} wait={wait} due={due} period={t(periods[period].inText)} />
      <ProviderTable context={context} providers={providers} figures={figures} />
      <LatencyTable figures={figures} templates={templates} />
      <StepTable providers={providers} figures={figures} />
      <DomainTable domains={domains} />
    </>
  );
}
