/** `/queue`: what is in it and who works on it, live; pausing it and letting it go on. */

import { setTimeout as pass } from 'node:timers/promises';
import { AuditLog, QueueOverview, QueuePause } from '@posthouse/queue';
import { sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actorOf } from './actor.ts';
import type { DashboardParts } from './dashboard-parts.ts';
import { sendLive } from './live-stream.ts';
import { PausePage } from './pages/pause-page.tsx';
import { QueuePage, QueueParts, type QueueStatus } from './pages/queue-page.tsx';

/** ms between two looks of somebody who watches. */
const every = 2000;

const operator = { config: { role: 'operator' } } as const;

/** The routes. */
export function queueRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const pause = new QueuePause(connection);
  const audit = new AuditLog(connection);
  const look = async (): Promise<QueueStatus> => {
    const [counts, paused, providers, workers] = await Promise.all([
      overview.counts(),
      pause.state(),
      overview.providers(),
      overview.workers(),
    ]);
    return { counts, pause: paused, providers, workers };
  };

  return async (app) => {
    app.get('/queue', async ({ context }, reply) => sendPage(reply, <QueuePage context={context} status={await look()} />));

    app.get('/queue/live', (request, reply) =>
      sendLive(request, reply, async function* (gone) {
        for (;;) {
          yield await (<QueueParts context={request.context} status={await look()} />);
          await pass(every, undefined, { signal: gone });
        }
      }),
    );

    for (const change of ['pause', 'resume'] as const) {
      app.get(`/queue/${change}`, operator, async ({ context }, reply) =>
        sendPage(reply, <PausePage context={context} change={change} status={await look()} />),
      );

      app.post(`/queue/${change}`, operator, async (request, reply) => {
        const { who, role } = actorOf(request);
        const changed = change === 'pause' ? await pause.pause(who) : await pause.resume();
        if (changed) await audit.append({ who, role, action: `${change} the queue` });
        return reply.redirect('/queue', 303);
      });
    }
  };
}
