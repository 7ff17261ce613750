/** `/queue`: the state of the queue, live, and pausing and resuming it. */
import { AuditLog, QueueOverview, QueuePause, type RequestConnection } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { pollLiveSection } from '../ui/live-section.tsx';
import { actorOf } from '../ui/page-context.ts';
import { ConfirmPausePage, QueuePage, QueueSection, type QueueStatus } from './queue-page.tsx';

const forOperators = { config: { role: 'operator' } } as const;

/** @returns the routes, as a plugin */
export function queueRoutes(connection: RequestConnection): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const queuePause = new QueuePause(connection);
  const audit = new AuditLog(connection);
  const readStatus = async (): Promise<QueueStatus> => {
    const [counts, pause, providers, workers] = await Promise.all([
      overview.counts(),
      queuePause.state(),
      overview.providers(),
      overview.workers(),
    ]);
    return { counts, pause, providers, workers };
  };

  return async (app) => {
    app.get('/queue', async ({ context }, reply) => sendPage(reply, <QueuePage context={context} status={await readStatus()} />));

    app.get('/queue/live', (request, reply) =>
      pollLiveSection(request, reply, connection.timings.dashboard.statusPoll, async () => (
        <QueueSection context={request.context} status={await readStatus()} />
      )),
    );

    for (const change of ['pause', 'resume'] as const) {
      app.get(`/queue/${change}`, forOperators, async ({ context }, reply) =>
        sendPage(reply, <ConfirmPausePage context={context} change={change} status={await readStatus()} />),
      );

      app.post(`/queue/${change}`, forOperators, async (request, reply) => {
        const { who, role } = actorOf(request);
        const changed = change === 'pause' ? await queuePause.pause(who) : await queuePause.resume();
        if (changed) await audit.append({ who, role, action: `${change} queue` });
        return reply.redirect('/queue', 303);
      });
    }
  };
}
