/** `/bulk`: what is done to many mails at once. It is looked over before it starts, watched while it runs, stopped and resumed. */

import { setTimeout as pass } from 'node:timers/promises';
import { AuditLog, type BulkJob, BulkJobs } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actorOf } from './actor.ts';
import { parseBulkRequest, parseRate } from './bulk-request.ts';
import type { DashboardParts } from './dashboard-parts.ts';
import { sendLive } from './live-stream.ts';
import { BulkJobPage, BulkJobParts } from './pages/bulk-job-page.tsx';
import { describeScope, formatCount } from './pages/bulk-labels.tsx';
import { BulkListPage } from './pages/bulk-list-page.tsx';
import { BulkStartPage } from './pages/bulk-start-page.tsx';

/** ms between two looks of somebody who watches. */
const every = 500;

/** Of the newest; older ones are kept for thirty days all the same. */
const listed = 50;

const operator = { config: { role: 'operator' } } as const;

type Parameters = Record<string, unknown>;

/** The routes. */
export function bulkRoutes({ connection }: DashboardParts): FastifyPluginAsync {
  const jobs = new BulkJobs(connection);
  const audit = new AuditLog(connection);
  const find = async (id: string): Promise<BulkJob> => {
    const job = await jobs.read(id);
    if (job === undefined) throw new HttpError(404, 'There is no such bulk work', 'It is kept for 30 days, and then gone.');
    return job;
  };

  return async (app) => {
    app.get('/bulk', async ({ context }, reply) => sendPage(reply, <BulkListPage context={context} jobs={await jobs.newest(listed)} />));

    app.get<{ Querystring: Parameters }>('/bulk/new', operator, async ({ context, query }, reply) => {
      const bulk = parseBulkRequest(query, context.time.zone);
      const estimate = await jobs.estimate(bulk.choice.action, bulk.scope);
      return sendPage(reply, <BulkStartPage context={context} request={bulk} estimate={estimate} pace={String(parseRate(undefined))} />);
    });

    app.post<{ Body: Parameters }>('/bulk', operator, async (request, reply) => {
      const { context, body } = request;
      const bulk = parseBulkRequest(body ?? {}, context.time.zone);
      const { action } = bulk.choice;
      const perSecond = parseRate(body['perSecond']);
      if (perSecond === undefined) {
        const estimate = await jobs.estimate(action, bulk.scope);
        const pace = String(body['perSecond']);
        return sendPage(reply.code(400), <BulkStartPage context={context} request={bulk} estimate={estimate} pace={pace} isFaulty />);
      }
      const id = await jobs.start({ action, scope: bulk.scope, by: actorOf(request).who, perSecond });
      const { estimate } = await find(id);
      const detail = `${action} · ${formatCount(estimate)} · ${describeScope(context, bulk.scope)} · ${perSecond} a second`;
      await audit.append({ ...actorOf(request), action: 'start bulk work', target: id, detail });
      return reply.redirect(`/bulk/${id}`, 303);
    });

    app.get<{ Params: { id: string } }>('/bulk/:id', async ({ context, params }, reply) =>
      sendPage(reply, <BulkJobPage context={context} job={await find(params.id)} />),
    );

    app.get<{ Params: { id: string } }>('/bulk/:id/live', async (request, reply) => {
      await find(request.params.id);
      return sendLive(request, reply, async function* (gone) {
        for (;;) {
          yield await (<BulkJobParts context={request.context} job={await find(request.params.id)} />);
          await pass(every, undefined, { signal: gone });
        }
      });
    });

    for (const change of ['stop', 'resume'] as const) {
      app.post<{ Params: { id: string } }>(`/bulk/:id/${change}`, operator, async (request, reply) => {
        const { id } = await find(request.params.id);
        const { who, role } = actorOf(request);
        const changed = change === 'stop' ? await jobs.stop(id, who) : await jobs.resume(id);
        if (changed) await audit.append({ who, role, action: `${change} bulk work`, target: id });
        return reply.redirect(`/bulk/${id}`, 303);
      });
    }
  };
}
