/**
 * Every error that the API answers with, as `application/problem+json` (RFC 9457): one table of kinds, and one
 * function that turns whatever was thrown into one of them. A fault names its place by JSON pointer.
 */
import { type Issue, issuesOf } from '@posthouse/contract';
import { QueueUnavailable, RecordError } from '@posthouse/queue';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

const kinds = {
  malformed: { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'The API key is missing or not known' },
  conflict: { status: 409, title: 'The mail is not in a state for that' },
  inProgress: { status: 409, title: 'The request is in progress' },
  notFound: { status: 404, title: 'There is no such thing' },
  tooLarge: { status: 413, title: 'The request is too large' },
  mediaType: { status: 415, title: 'The body must be application/json' },
  unprocessable: { status: 422, title: 'The mail cannot be accepted as it is' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The queue cannot be reached' },
} as const;

/** A kind of problem. */
export type ProblemKind = keyof typeof kinds;

/** Faults listed in one answer at the most; a batch of a thousand can have more. */
const maxIssues = 100;

/** The body of every error. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }))),
  },
  { description: 'RFC 9457 problem details; `errors` names each fault by JSON pointer.' },
);

/** Thrown where a request cannot be answered as asked. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly issues: readonly Issue[];

  /** @param detail what happened and how to mend it; it is shown to the caller */
  constructor(kind: ProblemKind, detail: string, issues: readonly Issue[] = []) {
    super(detail);
    this.kind = kind;
    this.issues = issues;
  }
}

/** Fastify's error handler. */
export function answerProblem(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = error instanceof Problem ? error : fromError(error, request);
  const { status, title } = kinds[problem.kind];
  if (status >= 500) request.log.error({ err: { type: error.name, message: error.message, stack: error.stack } }, title);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 503) reply.header('retry-after', '1');
  if (problem.kind === 'inProgress') reply.header('retry-after', '5');
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({
      type: 'about:blank',
      title,
      status,
      detail: problem.message,
      ...(problem.issues.length > 0 && { errors: problem.issues.slice(0, maxIssues) }),
    });
}

/** Fastify's names for the parts of a request. */
const parts: Record<string, string> = { body: 'body', params: 'path', querystring: 'query', headers: 'header' };

function fromError(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof QueueUnavailable) {
    const doubt =
      request.method === 'GET' ? '' : ' It may have been carried out all the same; to repeat it with the same Idempotency-Key is safe.';
    return new Problem('unavailable', `Redis did not answer in time.${doubt} Try again.`);
  }
  if (error instanceof RangeError && error.message.includes('call stack')) return new Problem('malformed', 'The body is nested too deep.');
  if (error instanceof RecordError) {
    return new Problem('internal', `The mail is there, but ${error.message}.`);
  }
  if (error.validation) {
    const issues = issuesOf(error.validation as Parameters<typeof issuesOf>[0]);
    return new Problem('malformed', `The ${parts[error.validationContext ?? ''] ?? 'request'} does not fit: see errors.`, issues);
  }
  switch (error.statusCode) {
    case 413:
      return new Problem('tooLarge', 'A request may have 36 MB at the most.');
    case 415:
      return new Problem('mediaType', 'Send JSON, with the header content-type: application/json.');
    case 400:
      return new Problem('malformed', error.message, [{ pointer: '', message: error.message }]);
    default:
      return new Problem('internal', 'The fault was logged. Nothing is known to be wrong with your request.');
  }
}
