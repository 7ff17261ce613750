/** `/v1/mails`: mails in, records out. */

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Issue, Mail } from '@posthouse/contract';
import { MailBatchSchema, MailSchema } from '@posthouse/contract/mail-schema';
import type { MailQueue, NewMail } from '@posthouse/queue';

import { Type } from 'typebox';
import { type Acceptance, acceptMails } from './acceptance.ts';
import { type ValidationRules, validateMail } from './mail-validation.ts';
import { MailViewSchema, viewMail } from './mail-view.ts';
import { Problem, ProblemSchema } from './problem.ts';

const Accepted = Type.Object({
  id: Type.String({ description: 'Ask `GET /v1/mails/{id}` what became of it.' }),
  state: Type.String({ description: '`queued` or `scheduled`.' }),
  locale: Type.Optional(Type.String({ description: 'The locale it will be written in.' })),
});
const problems = { 400: ProblemSchema, 401: ProblemSchema, 409: ProblemSchema, 413: ProblemSchema, 422: ProblemSchema, 503: ProblemSchema };
/** A mail's id in a path. */
export const IdParameter = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) }, { additionalProperties: false });

const IdempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'Such as `signup:42`. The same request again within 24 hours is answered as the first was, and sends nothing.',
    }),
  ),
});

/** The routes that accept mails and tell of them. */
export function mailRoutes(queue: MailQueue, rules: ValidationRules): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/mails',
      {
        schema: {
          summary: 'Accept one mail',
          tags: ['mails'],
          headers: IdempotencyHeader,
          body: MailSchema,
          response: { 202: Accepted, ...problems },
        },
      },
      async (request, reply) => {
        const mails = () => [checked(request.body, request.apiKey, rules)];
        return reply.code(202).send(await acceptMails(queue, request, reply, mails, ([acceptance]) => acceptance as Acceptance));
      },
    );

    app.post(
      '/mails/batch',
      {
        schema: {
          summary: 'Accept up to 1,000 mails, or none',
          tags: ['mails'],
          headers: IdempotencyHeader,
          body: MailBatchSchema,
          response: { 202: Type.Object({ results: Type.Array(Accepted) }), ...problems },
        },
      },
      async (request, reply) => {
        const mails = () => checkedBatch(request.body.mails, request.apiKey, rules);
        return reply.code(202).send(await acceptMails(queue, request, reply, mails, (results) => ({ results })));
      },
    );

    app.get(
      '/mails/:id',
      {
        schema: {
          summary: 'What became of a mail',
          tags: ['mails'],
          params: IdParameter,
          querystring: Type.Object({ content: Type.Optional(Type.Enum(['true', 'false'])) }, { additionalProperties: false }),
          response: { 200: MailViewSchema, 401: ProblemSchema, 404: ProblemSchema, 503: ProblemSchema },
        },
      },
      async (request) => {
        const record = await queue.read(request.params.id, request.query.content === 'true');
        if (record === undefined) throw new Problem('notFound', 'No mail has this id, or its record was kept long enough and is gone.');
        return viewMail(record, rules.catalogue);
      },
    );
  };
}

function checked(mail: Mail, apiKey: string, rules: ValidationRules): NewMail {
  const validated = validateMail(mail, apiKey, rules, Date.now());
  if ('mail' in validated) return validated.mail;
  throw refusal(validated.issues, validated.tooLarge);
}

function checkedBatch(mails: readonly Mail[], apiKey: string, rules: ValidationRules): NewMail[] {
  const good: NewMail[] = [];
  const issues: Issue[] = [];
  let tooLarge = false;
  mails.forEach((mail, index) => {
    const validated = validateMail(mail, apiKey, rules, Date.now());
    if ('mail' in validated) good.push(validated.mail);
    else {
      tooLarge ||= validated.tooLarge;
      issues.push(...validated.issues.map(({ pointer, message }) => ({ pointer: `/mails/${index}${pointer}`, message })));
    }
  });
  if (issues.length > 0) throw refusal(issues, tooLarge);
  return good;
}

function refusal(issues: Issue[], tooLarge: boolean): Problem {
  return new Problem(tooLarge ? 'tooLarge' : 'unprocessable', 'Nothing was accepted: see errors.', issues);
}
