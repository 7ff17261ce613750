/** `POST /v1/mails`, `POST /v1/mails/batch` and `GET /v1/mails/{id}`. */
import { setImmediate } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ApiKey } from '@posthouse/access';
import { checker, IssueList, issuesOf, type Mail, type SchemaCheck, schemaValidator } from '@posthouse/contract';
import { BatchFrameSchema, MailBatchSchema, MailSchema } from '@posthouse/contract/mail-schema';
import { type Acceptance, type MailList, type MailQueue, type NewMail, RecordError, viewListed, viewMail } from '@posthouse/queue';
import type { FastifyError } from 'fastify';
import { type Static, Type } from 'typebox';
import { acceptBatch, acceptSingle } from './acceptance.ts';
import type { Admission } from './admission.ts';
import { ownerOf, rightMissing } from './authentication.ts';
import { withAdvice } from './mail-advice.ts';
import { localeOf, type ValidationRules, validateMail } from './mail-validation.ts';
import { MailRecordSchema } from './mail-view.ts';
import type { ApiMetrics } from './metrics.ts';
import { malformedPart, Problem, problemResponses, sendProblem } from './problem.ts';
import { acceptTraced } from './tracing.ts';

/** The answer to an accepted mail. */
export const Accepted = Type.Object(
  {
    id: Type.String({ description: '`GET /v1/mails/{id}` returns the mail.' }),
    state: Type.String({ description: '`queued` or `scheduled`.' }),
    locale: Type.Optional(Type.String({ description: 'The locale that the template is rendered in.' })),
    localeRequested: Type.Optional(
      Type.String({ description: 'The locale of the request, where the template lacks it and `locale` is the fallback.' }),
    ),
  },
  { title: 'AcceptedMail', description: 'The mail is stored and will be sent.' },
);
const AcceptedBatch = Type.Object(
  { results: Type.Array(Accepted) },
  { title: 'AcceptedBatch', description: 'All mails are stored and will be sent; in the order of the request.' },
);
const problems = problemResponses(400, 401, 403, 408, 409, 413, 415, 422, 429);

/** The parameter of a path with a mail's id. */
export const IdParameter = Type.Object({ id: Type.String({ format: 'uuid' }) }, { additionalProperties: false });

/** The header of every route that accepts mails. */
export const IdempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'A name for this request, such as `signup:42`. Repeated within 24 hours, it returns the first response and sends nothing.',
    }),
  ),
});

/** What the routes work with. */
interface MailParts {
  queue: MailQueue;
  list: MailList;
  rules: ValidationRules;
  admission: Admission;
  metrics: ApiMetrics;
}

/**
 * The routes that accept mails and return one.
 * @param turnMs how long the validation of a batch may use the only thread, until other requests have their turn
 */
export function mailRoutes({ queue, list, rules, admission, metrics }: MailParts, turnMs: number): FastifyPluginAsyncTypebox {
  const checkMail = checker(MailSchema);
  return async (app) => {
    app.post(
      '/mails',
      {
        config: { right: 'send' },
        schema: {
          operationId: 'sendMail',
          summary: 'Send a mail',
          tags: ['mails'],
          headers: IdempotencyHeader,
          body: MailSchema,
          response: { 202: Accepted, ...problems },
        },
        errorHandler: (error, request, reply) => sendProblem(withAdviceOnBody(error, request.body, rules), request, reply),
      },
      async (request, reply) => {
        const accept = () => acceptSingle(queue, request, reply, (now) => validated(request.body, request.apiKey, rules, now));
        const accepted = await admission.run(1, () => acceptTraced(request, 1, accept));
        if (!reply.hasHeader('idempotent-replayed')) metrics.accepted(request.body.template);
        request.log.debug({ id: accepted.id }, 'mail accepted');
        return reply.code(202).send(withRequestedLocale(accepted, request.body));
      },
    );

    app.post(
      '/mails/batch',
      {
        config: { right: 'send' },
        schema: {
          operationId: 'sendBatch',
          summary: 'Send up to 1,000 mails, all or none',
          tags: ['mails'],
          headers: IdempotencyHeader,
          body: MailBatchSchema,
          response: { 202: AcceptedBatch, ...problems },
        },
        // The mails are validated one by one in the handler.
        validatorCompiler: ({ schema, httpPart }) => schemaValidator(httpPart === 'body' ? BatchFrameSchema : (schema as object)),
        errorHandler: (error, request, reply) =>
          sendProblem(Array.isArray(request.body) ? listInPlaceOf('write {"mails": [ … ]}') : error, request, reply),
      },
      async (request, reply) => {
        const mails = (now: number) => validatedBatch(request.body.mails, request.apiKey, rules, checkMail, turnMs, now);
        const { length } = request.body.mails;
        const accept = () => acceptBatch(queue, request, reply, length, mails, (results) => ({ results }));
        const { results } = await admission.run(length, () => acceptTraced(request, length, accept));
        if (!reply.hasHeader('idempotent-replayed')) for (const mail of request.body.mails) metrics.accepted((mail as Mail).template);
        request.log.debug({ ids: results.map(({ id }) => id) }, 'batch accepted');
        return reply.code(202).send({ results: results.map((result, n) => withRequestedLocale(result, request.body.mails[n] as Mail)) });
      },
    );

    app.get(
      '/mails/:id',
      {
        config: { right: 'read' },
        schema: {
          operationId: 'getMail',
          summary: 'Get a mail',
          tags: ['mails'],
          params: IdParameter,
          querystring: Type.Object(
            {
              content: Type.Optional(
                Type.Enum(['true', 'false'], {
                  description: 'Whether to return the content, which needs the right `content`; default `false`.',
                }),
              ),
            },
            { additionalProperties: false },
          ),
          response: {
            200: MailRecordSchema,
            ...problemResponses(400, 401, 403, 404),
          },
        },
      },
      async ({ apiKey, params: { id }, query }) => {
        const withContent = query.content === 'true';
        if (withContent && !apiKey.rights.content) throw rightMissing('content');
        const owner = ownerOf(apiKey, 'read');
        const [record, copies] = await Promise.all([
          queue.read(id, withContent, owner).catch((error: Error) => error),
          queue.copyIds(id, owner).catch((error: Error) => error),
        ]);
        if (record === undefined) throw mailNotFound();
        if (copies instanceof Error) throw copies;
        if (!(record instanceof Error)) return viewMail(record, copies, (name, data) => rules.templates.current.masked(name, data));
        if (!(record instanceof RecordError)) throw record;
        const summary = await list.find(id);
        if (summary === undefined) throw mailNotFound();
        // The content alone may be what cannot be read.
        return viewListed({ error: record.message, ...summary });
      },
    );
  };
}

/** Added to the answer of a repeated request too: it has the same body. */
function withRequestedLocale(acceptance: Acceptance, mail: Mail): Static<typeof Accepted> {
  const { locale } = acceptance;
  const localeRequested = localeOf(mail);
  if (locale === undefined || localeRequested === undefined || localeRequested.toLowerCase() === locale.toLowerCase()) return acceptance;
  return { ...acceptance, localeRequested };
}

/** @param error what Fastify found wrong with the request, or what the handler threw */
function withAdviceOnBody(error: FastifyError, body: unknown, { templates }: ValidationRules): FastifyError | Problem {
  if (error.validationContext !== 'body' || typeof body !== 'object' || body === null) return error;
  if (Array.isArray(body)) return listInPlaceOf('several mails go to POST /v1/mails/batch, as {"mails": [ … ]}');
  return malformedPart('body', withAdvice(issuesOf(error.validation as Parameters<typeof issuesOf>[0]), body, templates.current));
}

/** @param advice what to do with the list */
function listInPlaceOf(advice: string): Problem {
  const issues = new IssueList();
  issues.add('', `must be an object, not a list: ${advice}`, 'wrong-type');
  return malformedPart('body', issues);
}

/** Validates a mail whose JSON matches the schema. @param now ms since the epoch @throws Problem 422, or 413 for what is too large */
export function validated(mail: Mail, apiKey: ApiKey, rules: ValidationRules, now: number): NewMail {
  const result = validateMail(mail, apiKey, rules, now);
  if ('mail' in result) return result.mail;
  throw invalidMail(result.issues, result.tooLarge);
}

/** Gives other requests their turn now and then, so that they do not wait for the whole batch. */
async function validatedBatch(
  mails: readonly unknown[],
  apiKey: ApiKey,
  rules: ValidationRules,
  checkMail: SchemaCheck,
  turnMs: number,
  now: number,
): Promise<NewMail[]> {
  const valid: NewMail[] = [];
  const malformed = new IssueList();
  const invalid = new IssueList();
  let tooLarge = false;
  let turnBegan = performance.now();
  for (const [index, mail] of mails.entries()) {
    const issues = checkMail(mail);
    if (issues.length > 0) malformed.addAll(withAdvice(issues, mail, rules.templates.current), `/mails/${index}`);
    else {
      const result = validateMail(mail as Mail, apiKey, rules, now);
      if ('mail' in result) valid.push(result.mail);
      else {
        tooLarge ||= result.tooLarge;
        invalid.addAll(result.issues, `/mails/${index}`);
      }
    }
    if (performance.now() - turnBegan > turnMs) {
      await setImmediate();
      turnBegan = performance.now();
    }
  }
  if (malformed.length > 0) throw malformedPart('body', malformed);
  if (invalid.length > 0) throw invalidMail(invalid, tooLarge);
  return valid;
}

function invalidMail(issues: IssueList, tooLarge: boolean): Problem {
  return new Problem(tooLarge ? 'too-large' : 'invalid-mail', 'Nothing was accepted: see issues.', issues);
}

/** The problem for an id without a record, and for a mail of another key's name, which a key may not learn about. */
export function mailNotFound(): Problem {
  return new Problem('not-found', 'No mail has this id. Its record may have expired.');
}
