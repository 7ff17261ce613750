/** `/v1/mails/{id}/cancel`, `/retry` and `/resolve`: what people may wish of a mail. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MailQueue } from '@posthouse/queue';
import { Type } from 'typebox';
import { IdParameter } from './mail-routes.ts';
import { Problem, ProblemSchema } from './problem.ts';

const Changed = Type.Object({ id: Type.String(), state: Type.String({ description: 'The state that the mail is in now.' }) });
const response = { 200: Changed, 400: ProblemSchema, 401: ProblemSchema, 404: ProblemSchema, 409: ProblemSchema, 503: ProblemSchema };

/** States in which a wish has come true already, or changes nothing that anyone would miss. */
const harmless = {
  cancel: ['cancelled'],
  retry: ['sent', 'queued', 'scheduled', 'sending', 'retrying'],
  resolve: [] as string[],
};

/** The routes that change a mail. */
export function changeRoutes(queue: MailQueue): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/mails/:id/cancel',
      { schema: { summary: 'Take a mail back before it goes out', tags: ['mails'], params: IdParameter, response } },
      async ({ params }) => answer('cancel', params.id, await queue.cancel(params.id)),
    );

    app.post(
      '/mails/:id/retry',
      { schema: { summary: 'Send a failed mail again, to those who were refused', tags: ['mails'], params: IdParameter, response } },
      async ({ params }) => answer('retry', params.id, await queue.retry(params.id)),
    );

    app.post(
      '/mails/:id/resolve',
      {
        schema: {
          summary: 'Say what became of an uncertain mail',
          tags: ['mails'],
          params: IdParameter,
          body: Type.Object({ outcome: Type.Enum(['delivered', 'sendAgain']) }, { additionalProperties: false }),
          response,
        },
      },
      async ({ params, body }) => answer('resolve', params.id, await queue.resolve(params.id, body.outcome)),
    );
  };
}

function answer(wish: keyof typeof harmless, id: string, change: Awaited<ReturnType<MailQueue['cancel']>>): { id: string; state: string } {
  if (change === undefined) throw new Problem('notFound', 'No mail has this id, or its record was kept long enough and is gone.');
  if (change.changed || harmless[wish].includes(change.state)) return { id, state: change.state };
  const why = {
    cancel: 'its message has gone out or its life has ended',
    retry: 'it has not failed, or its content is gone',
    resolve: 'it is not uncertain',
  };
  throw new Problem('conflict', `This mail is ${change.state}: ${why[wish]}.`);
}
