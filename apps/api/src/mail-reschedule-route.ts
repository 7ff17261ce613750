/** `PATCH /v1/mails/{id}`: a scheduled mail is sent at another time. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { scheduleIssues } from '@posthouse/contract';
import { MailSchema } from '@posthouse/contract/mail-schema';
import { type AuditLog, apiKeyRole, idempotentStates, type MailQueue, rescheduleAction } from '@posthouse/queue';
import type { Catalogue, TemplateSource } from '@posthouse/templates/catalogue';
import { Type } from 'typebox';
import { ownerOf } from './authentication.ts';
import { actorOf, Changed } from './mail-action-routes.ts';
import { IdParameter, mailNotFound } from './mail-routes.ts';
import type { ApiMetrics } from './metrics.ts';
import { Problem, problemResponses } from './problem.ts';

const Schedule = Type.Required(Type.Pick(MailSchema, ['scheduledAt']), { additionalProperties: false, title: 'Schedule' });

/** What the route works with. */
interface RescheduleParts {
  queue: MailQueue;
  audit: AuditLog;
  metrics: ApiMetrics;
}

/** The route, as a plugin. */
export function mailRescheduleRoute(
  { queue, audit, metrics }: RescheduleParts,
  templates: TemplateSource<Catalogue>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.patch(
      '/mails/:id',
      {
        config: { right: 'act' },
        schema: {
          operationId: 'rescheduleMail',
          summary: 'Send a scheduled mail at another time',
          description:
            'A past time means now. Where the mail expires some time after it is due, by default or by its template, it does so after the new time; an `expiresAt` of its own stays.',
          tags: ['mails'],
          params: IdParameter,
          body: Schedule,
          response: { 200: Changed, ...problemResponses(400, 401, 403, 404, 408, 409, 413, 415, 422) },
        },
      },
      async ({ apiKey, params: { id }, body: { scheduledAt } }) => {
        const record = await queue.read(id, false, ownerOf(apiKey, 'act'));
        if (record === undefined) throw mailNotFound();
        const at = Date.parse(scheduledAt);
        const movesExpiry = templates.current.expiresRelatively(record);
        const now = await queue.now();
        const issues = scheduleIssues(at, now);
        if (!movesExpiry && at >= record.expiresAt) issues.add('/scheduledAt', 'must be before the mail expires', 'out-of-range');
        if (issues.length > 0) throw new Problem('invalid-mail', 'Nothing was changed: see issues.', issues);
        const result = await queue.reschedule(id, at, movesExpiry, actorOf(apiKey));
        if (result === undefined) throw mailNotFound();
        // What a past time asks for is done, or is being done: its answer may have been lost.
        if (!result.changed && at <= now && idempotentStates.sendNow.includes(result.state)) return { id, state: result.state };
        if (!result.changed) {
          throw new Problem('mail-state-conflict', `This mail is ${result.state}: only a scheduled mail can be sent at another time.`);
        }
        metrics.acted('reschedule');
        const detail = `now ${result.state}, at ${new Date(at).toISOString()}`;
        await audit.append({ who: apiKey.name, role: apiKeyRole, action: rescheduleAction, target: id, detail });
        return { id, state: result.state };
      },
    );
  };
}
