/** `POST /v1/mails/{id}/cancel`, `/retry`, `/send-now` and `/resolve`: the actions on a mail. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ApiKey } from '@posthouse/access';
import { type ActionResult, type Actor, type AuditLog, apiKeyRole, idempotentStates, type MailQueue } from '@posthouse/queue';
import { Type } from 'typebox';
import { ownerOf } from './authentication.ts';
import { IdParameter, mailNotFound } from './mail-routes.ts';
import type { ApiMetrics } from './metrics.ts';
import { Problem, problemResponses } from './problem.ts';

/** The answer to an action. */
export const Changed = Type.Object(
  { id: Type.String(), state: Type.String({ description: 'The state of the mail after the action.' }) },
  { title: 'ActionResult', description: 'The action is done, or was not needed.' },
);
const response = { 200: Changed, ...problemResponses(400, 401, 403, 404, 408, 409, 413, 415) };

const conflictReasons: Record<keyof typeof idempotentStates, string> = {
  cancel: 'it can be cancelled only before its message is sent',
  retry: 'only rejected recipients of a mail whose content is still stored can be sent to again',
  sendNow: 'only a scheduled or retrying mail can be sent now',
  resolve: 'only an uncertain mail can be resolved',
};

const config = { right: 'act' } as const;

/** The routes that act on one mail. */
export function mailActionRoutes(queue: MailQueue, audit: AuditLog, metrics: ApiMetrics): FastifyPluginAsyncTypebox {
  /** @param recorded the action as the audit log names it */
  async function answer(
    action: keyof typeof idempotentStates,
    id: string,
    { name: who }: ApiKey,
    result: ActionResult,
    recorded: string = action,
  ): Promise<{ id: string; state: string }> {
    if (result?.changed) metrics.acted(action);
    if (result?.changed) await audit.append({ who, role: apiKeyRole, action: recorded, target: id, detail: `now ${result.state}` });
    return toAnswer(action, id, result);
  }

  return async (app) => {
    app.post(
      '/mails/:id/cancel',
      {
        config,
        schema: { operationId: 'cancelMail', summary: 'Cancel a mail before it is sent', tags: ['mails'], params: IdParameter, response },
      },
      async ({ apiKey, params }) => await answer('cancel', params.id, apiKey, await queue.cancel(params.id, actorOf(apiKey))),
    );

    app.post(
      '/mails/:id/retry',
      {
        config,
        schema: {
          operationId: 'retryMail',
          summary: 'Retry a failed or partly sent mail',
          description: 'The mail is queued again with a new schedule, for the recipients that were rejected.',
          tags: ['mails'],
          params: IdParameter,
          response,
        },
      },
      async ({ apiKey, params }) => await answer('retry', params.id, apiKey, await queue.retry(params.id, actorOf(apiKey))),
    );

    app.post(
      '/mails/:id/send-now',
      {
        config,
        schema: {
          operationId: 'sendMailNow',
          summary: 'Send a scheduled or retrying mail now',
          description:
            'The mail is queued; its schedule of retries goes on from where it was. A mail that is queued, being sent or sent stays as it is.',
          tags: ['mails'],
          params: IdParameter,
          response,
        },
      },
      async ({ apiKey, params }) => await answer('sendNow', params.id, apiKey, await queue.sendNow(params.id, actorOf(apiKey))),
    );

    app.post(
      '/mails/:id/resolve',
      {
        config,
        schema: {
          operationId: 'resolveMail',
          summary: 'Resolve an uncertain mail',
          tags: ['mails'],
          params: IdParameter,
          body: Type.Object(
            {
              outcome: Type.Enum(['delivered', 'sendAgain'], {
                description: '`delivered` ends the mail as sent; `sendAgain` queues it for the recipients whose outcome is unknown.',
              }),
            },
            { additionalProperties: false, title: 'Resolution' },
          ),
          response,
        },
      },
      async ({ apiKey, params, body: { outcome } }) =>
        await answer('resolve', params.id, apiKey, await queue.resolve(params.id, outcome, actorOf(apiKey)), outcome),
    );
  };
}

/** On whose behalf an action runs: a key that acts on its own mails sees no others. */
export function actorOf(apiKey: ApiKey): Actor {
  const owner = ownerOf(apiKey, 'act');
  return { ...(owner !== undefined && { owner }), by: { who: apiKey.name, role: apiKeyRole } };
}

/** @throws Problem 404 or 409 */
function toAnswer(action: keyof typeof idempotentStates, id: string, result: ActionResult): { id: string; state: string } {
  if (result === undefined) throw mailNotFound();
  if (result.changed || idempotentStates[action].includes(result.state)) return { id, state: result.state };
  if (action === 'retry' && result.state === 'sent') {
    throw new Problem(
      'already-sent',
      'This mail is sent, and no recipient is left that it could be sent to again. Send a copy to send it once more: `POST /v1/mails/{id}/copy`.',
    );
  }
  throw new Problem('mail-state-conflict', `This mail is ${result.state}: ${conflictReasons[action]}.`);
}
