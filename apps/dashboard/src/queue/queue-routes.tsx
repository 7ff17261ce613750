/** `/queue`: the state of the queue, live. */
import { QueueMeter, QueueOverview, type RequestConnection } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { pollLiveSection } from '../ui/live-section.tsx';
import type { SystemStatusReader } from '../ui/system-status.ts';
import { QueuePage, QueueSection, type QueueStatus } from './queue-page.tsx';

/** @returns the routes, as a plugin */
export function queueRoutes(connection: RequestConnection, statusReader: SystemStatusReader): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const meter = new QueueMeter(connection);
  const readStatus = async (): Promise<QueueStatus> => {
    const [counts, system, workers, due] = await Promise.all([overview.counts(), statusReader.read(), overview.workers(), meter.due()]);
    return { counts, system, workers, due };
  };

  return async (app) => {
    app.get('/queue', async ({ context }, reply) => sendPage(reply, <QueuePage context={context} status={await readStatus()} />));

    app.get('/queue/live', (request, reply) =>
      pollLiveSection(request, reply, connection.timings.dashboard.statusPoll, async () => (
        <QueueSection context={request.context} status={await readStatus()} />
      )),
    );
  };
}
