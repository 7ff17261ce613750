/** `/bulk`: actions on many mails. A bulk action is reviewed before it starts, and can be watched, stopped and resumed. */
import { AuditLog, type BulkAction, BulkActions, FailureGroups, MailList, type RequestConnection } from '@posthouse/queue';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { formatCount } from '../mail-list/mail-count.ts';
import { bulkActionLabels, bulkAuditActions } from '../mails/mail-actions.ts';
import { pollLiveSection } from '../ui/live-section.tsx';
import { actorOf, PageContext } from '../ui/page-context.ts';
import { inEnglish, t } from '../ui/translate.ts';
import { BulkActionPage, BulkActionSection } from './bulk-action-page.tsx';
import { describeScope } from './bulk-labels.tsx';
import { BulkListPage } from './bulk-list-page.tsx';
import { defaultRate, parseBulkRequest, parseRate } from './bulk-request.ts';
import { BulkReviewer } from './bulk-review.ts';
import { BulkStartPage } from './bulk-start-page.tsx';

/** The newest actions; older ones are kept for 30 days, too. */
const maxListed = 50;

const forOperators = { config: { role: 'operator' } } as const;

type Parameters = Record<string, unknown>;

/** @returns the routes, as a plugin */
export function bulkRoutes(connection: RequestConnection): FastifyPluginAsync {
  const bulkActions = new BulkActions(connection);
  const audit = new AuditLog(connection);
  const reviewer = new BulkReviewer(bulkActions, new FailureGroups(connection), new MailList(connection));
  const find = async (id: string): Promise<BulkAction> => {
    const bulk = await bulkActions.read(id);
    if (bulk === undefined) throw new HttpError(404, t('Bulk action not found'), t('Bulk actions are kept for 30 days.'));
    return bulk;
  };

  return async (app) => {
    app.get('/bulk', async ({ context }, reply) =>
      sendPage(reply, <BulkListPage context={context} bulkActions={await bulkActions.newest(maxListed)} />),
    );

    app.get<{ Querystring: Parameters }>('/bulk/new', forOperators, async ({ context, query }, reply) => {
      const bulk = parseBulkRequest(query, context.time.zone);
      const review = await reviewer.review(bulk);
      return sendPage(reply, <BulkStartPage context={context} request={bulk} review={review} rate={String(defaultRate)} />);
    });

    app.post<{ Body: Parameters }>('/bulk', forOperators, async (request, reply) => {
      const { context, body } = request;
      const bulk = parseBulkRequest(body ?? {}, context.time.zone);
      const { action, scope } = bulk;
      const perSecond = parseRate(body['perSecond']);
      if (perSecond === undefined) {
        const shown = { context, request: bulk, review: await reviewer.review(bulk), rate: String(body['perSecond']) };
        return sendPage(reply.code(400), <BulkStartPage {...shown} isInvalid />);
      }
      const causes = await reviewer.causes(bulk);
      const id = await bulkActions.start({ action, scope, by: actorOf(request).who, perSecond, ...(causes !== undefined && { causes }) });
      const { estimate } = await find(id);
      const detail = inEnglish(() => {
        const described = describeScope(new PageContext(undefined, context.time.zone), scope);
        return `${bulkActionLabels[action]} · ${formatCount(estimate)} · ${described} · ${perSecond} per second`;
      });
      await audit.append({ ...actorOf(request), action: bulkAuditActions.start, target: id, detail });
      return reply.redirect(`/bulk/${id}`, 303);
    });

    app.get<{ Params: { id: string } }>('/bulk/:id', async ({ context, params }, reply) =>
      sendPage(reply, <BulkActionPage context={context} bulk={await find(params.id)} outcome={await bulkActions.outcome(params.id)} />),
    );

    app.get<{ Params: { id: string } }>('/bulk/:id/live', async (request, reply) => {
      const { id } = await find(request.params.id);
      return pollLiveSection(request, reply, connection.timings.dashboard.bulkPoll, async () => (
        <BulkActionSection context={request.context} bulk={await find(id)} outcome={await bulkActions.outcome(id)} />
      ));
    });

    for (const change of ['stop', 'resume'] as const) {
      app.post<{ Params: { id: string } }>(`/bulk/:id/${change}`, forOperators, async (request, reply) => {
        const { id } = await find(request.params.id);
        const { who, role } = actorOf(request);
        const changed = change === 'stop' ? await bulkActions.stop(id, who) : await bulkActions.resume(id);
        if (changed) await audit.append({ who, role, action: bulkAuditActions[change], target: id });
        return reply.redirect(`/bulk/${id}`, 303);
      });
    }
  };
}
