/** `/providers`: each provider, live. */
import { type ProviderStatus, QueueOverview, type RequestConnection } from '@posthouse/queue';
import { PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { Layout } from '../ui/layout.tsx';
import { LiveSection, liveAssets, pollLiveSection } from '../ui/live-section.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SystemNotices } from '../ui/system-notices.tsx';
import type { SystemStatus, SystemStatusReader } from '../ui/system-status.ts';
import { t } from '../ui/translate.ts';
import { ProviderList } from './provider-list.tsx';

interface ProvidersProps {
  context: PageContext;
  system: SystemStatus;
  providers: readonly ProviderStatus[];
}

/** @returns the routes, as a plugin */
export function providerRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const read = async () => {
    const [system, providers] = await Promise.all([statusReader.read(), overview.providers()]);
    return { system, providers };
  };
  return async (app) => {
    app.get('/providers', async ({ context }, reply) => sendPage(reply, <ProvidersPage context={context} {...(await read())} />));

    app.get('/providers/live', (request, reply) =>
      pollLiveSection(request, reply, connection.timings.dashboard.statusPoll, async () => (
        <ProvidersSection context={request.context} {...(await read())} />
      )),
    );
  };
}

function ProvidersPage(props: ProvidersProps): JSX.Element {
  return (
    <Layout context={props.context} title={t('Providers')} here="/providers" assets={[...liveAssets]} hasNotices>
      <PageHead title={t('Providers')} />
      <LiveSection url="/providers/live">
        <ProvidersSection {...props} />
      </LiveSection>
    </Layout>
  );
}

/** The part of the page that changes. */
function ProvidersSection({ context, system, providers }: ProvidersProps): JSX.Element {
  return (
    <>
      <SystemNotices context={context} status={system} />
      <ProviderList context={context} providers={providers} />
    </>
  );
}
