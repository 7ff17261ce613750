/**
 * Every error of the API, as `application/problem+json` (RFC 9457): one table of error codes, and the error handler that turns whatever
 * was thrown into one of them. docs/errors.md documents the table.
 */
import { maxHeaderSize } from 'node:http';
import { type Issue, IssueList, issueCodes, issuesOf, limits } from '@posthouse/contract';
import { QueueUnavailable, RecordError, redisFailures } from '@posthouse/queue';
import { RequestLimitError, type UnreadableRequest } from '@posthouse/runtime';
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { mediaTypeAdvice } from './request-advice.ts';
import { requestIdOf } from './request-id.ts';

/** Status and title of each error; `retryAfter` is in seconds. Codes are part of the API and do not change. */
export const problems = {
  'malformed-request': { status: 400, title: 'Malformed request' },
  unauthorized: { status: 401, title: 'Missing or unknown API key' },
  'right-missing': { status: 403, title: 'Right missing' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'already-sent': { status: 409, title: 'Mail is sent' },
  'content-incomplete': { status: 409, title: 'Content of the mail is not complete' },
  'sensitive-content': { status: 409, title: 'Content of the mail is sensitive' },
  'mail-state-conflict': { status: 409, title: 'Not possible in the present state of the mail' },
  'record-unreadable': { status: 409, title: 'Record of the mail cannot be read' },
  'request-timeout': { status: 408, title: 'Request too slow' },
  'request-in-progress': { status: 409, title: 'Request in progress', retryAfter: 5 },
  'too-large': { status: 413, title: 'Too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'invalid-mail': { status: 422, title: 'Invalid mail' },
  'idempotency-key-mismatch': { status: 422, title: 'Idempotency-Key used with another request' },
  'rate-limited': { status: 429, title: 'Rate of the API key used up' },
  'headers-too-large': { status: 431, title: 'Headers too large' },
  internal: { status: 500, title: 'Internal error' },
  overloaded: { status: 503, title: 'Too many requests in progress', retryAfter: 1 },
  stopping: { status: 503, title: 'API is stopping', retryAfter: 1 },
  unavailable: { status: 503, title: 'Redis unavailable', retryAfter: 1 },
} as const satisfies Record<string, { status: number; title: string; retryAfter?: number }>;

/** The code of an error. */
export type ProblemCode = keyof typeof problems;

/**
 * The `type` of an error: an identifier to compare, not an address to fetch (RFC 9457, 3.1.1). It stands on a domain that RFC 2606
 * reserves, so that it stays the same wherever the documentation is published.
 */
export function problemType(code: ProblemCode): string {
  return `https://posthouse.example/errors/${code}`;
}

const mediaType = 'application/problem+json';

/** The body of every error. `buildApi` registers it under its `$id`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'Identifies the kind of error; ends with `code`. It is not a page.' }),
    title: Type.String({ description: 'The same for every error of this kind.' }),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(problems)),
    detail: Type.String({ description: 'What is wrong with this request, and what to do.' }),
    requestId: Type.String({ description: 'Names the request in the log of the API; also in the header `X-Request-ID`.' }),
    issues: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pointer: Type.String({ description: 'JSON pointer (RFC 6901) into the body, the query or the headers.' }),
            code: Type.Enum(Object.keys(issueCodes), { description: 'What kind of issue it is; stable.' }),
            message: Type.String({ description: 'What is wrong and how to fix it, for people.' }),
          },
          { title: 'Issue' },
        ),
        { description: `What is wrong with the input, at most ${limits.issues} entries; the detail says how many more there are.` },
      ),
    ),
  },
  { $id: 'Problem', title: 'Problem', description: 'Problem details (RFC 9457).' },
);

/** The error responses of a route, for its schema. */
export function problemResponses(...statuses: number[]): Record<number, object> {
  const response = (status: number) => {
    const codes = Object.entries(problems).filter(([, problem]) => problem.status === status);
    const description = codes.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(' ');
    return { description, content: { [mediaType]: { schema: { $ref: 'Problem#' } } } };
  };
  return Object.fromEntries([...statuses, 500, 503].map((status) => [status, response(status)]));
}

/** Thrown where a request cannot be carried out. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly issues: IssueList;

  /** @param detail what is wrong and what to do; the caller sees it */
  constructor(code: ProblemCode, detail: string, issues = new IssueList()) {
    super(detail);
    this.code = code;
    this.issues = issues;
  }
}

/** Fastify's error handler. */
export function sendProblem(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = error instanceof Problem ? error : toProblem(error, request);
  const { code } = problem;
  const { status, retryAfter }: { status: number; retryAfter?: number } = problems[code];
  const err = { type: error.name, message: error.message };
  // A 503 has its cause elsewhere, and there may be thousands of them.
  if (status === 503) request.log.warn({ code, err }, 'request failed');
  else if (status >= 500) request.log.error({ code, err: { ...err, stack: error.stack } }, 'request failed');
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  reply.header('x-request-id', request.id);
  return reply.code(status).type(mediaType).serializer(JSON.stringify).send(bodyOf(problem, request.id));
}

/** The answer to what Node.js cannot read as a request. @param log gets a line with the id that the answer names */
export function describeUnreadable(log: Pick<FastifyBaseLogger, 'debug'>) {
  return ({ status, reason }: UnreadableRequest): { type: string; body: string } => {
    const requestId = requestIdOf({ headers: {} });
    log.debug({ requestId, status, reason }, 'request unreadable');
    return { type: mediaType, body: JSON.stringify(bodyOf(unreadable(status, reason), requestId)) };
  };
}

function unreadable(status: UnreadableRequest['status'], reason: string | undefined): Problem {
  if (status === 408) return new Problem('request-timeout', 'The request came too slowly. Nothing was accepted or changed. Try again.');
  const message =
    status === 431
      ? `has headers of more than ${maxHeaderSize} bytes`
      : `is not valid HTTP/1.1${reason === undefined ? '' : `: ${reason}`}`;
  const code = status === 431 ? 'headers-too-large' : 'malformed-request';
  return new Problem(code, `The request ${message}.`, new IssueList([{ pointer: '', message, code: 'not-http' }]));
}

function bodyOf({ code, message, issues }: Problem, requestId: string): object {
  const { status, title } = problems[code];
  return {
    type: problemType(code),
    title,
    status,
    code,
    detail: issues.more > 0 ? `${message} There are ${issues.more} more.` : message,
    requestId,
    ...(issues.length > 0 && { issues: [...issues] }),
  };
}

/** What is known of a request that Redis did not answer. A batch takes effect completely or not at all. */
function effectOf({ method, url, headers }: FastifyRequest, { mayHaveRun }: QueueUnavailable): string {
  if (method === 'GET') return 'Nothing was changed. Try again.';
  if (!mayHaveRun) return 'Nothing was accepted or changed. Try again.';
  const unknown = 'Whether the request took effect is not known';
  const accepts = /^\/v1\/mails(\/batch|\/[^/]+\/copy)?(\?|$)/.test(url);
  if (!accepts) return `${unknown}; repeating it is safe. Try again.`;
  if (headers['idempotency-key'] !== undefined) return `${unknown}; repeating it with the same Idempotency-Key is safe. Try again.`;
  return `${unknown}. It had no Idempotency-Key, so repeating it may send the mail twice.`;
}

/** Fastify's names for the parts of a request, and ours. */
const parts: Record<string, string> = { body: 'body', params: 'path', querystring: 'query', headers: 'header' };

/** @param context Fastify's name for the part of the request that does not match its schema */
export function malformedPart(context: string, issues: IssueList): Problem {
  return new Problem('malformed-request', `The ${parts[context] ?? 'request'} is invalid: see issues.`, issues);
}

/** By how much is known only where the client says how long the body is. */
function bodyTooLarge({ headers }: FastifyRequest): Issue {
  const length = Number(headers['content-length'] ?? 0);
  const message = length > limits.requestBytes ? `has ${length} bytes; at most` : 'has too many bytes; at most';
  return { pointer: '', message: `${message} ${limits.requestBytes} are allowed`, code: 'too-large' };
}

function toProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof QueueUnavailable) {
    const { meaning, fix } = redisFailures[error.failure];
    const reason = error.timedOut ? 'Redis did not answer in time' : `${meaning}: ${fix}`;
    return new Problem('unavailable', `${reason}. ${effectOf(request, error)}`);
  }
  if (error instanceof RequestLimitError && error.statusCode !== 413) {
    const code = error.statusCode === 408 ? 'request-timeout' : 'overloaded';
    return new Problem(code, `${error.message}. Nothing was accepted or changed. Try again.`);
  }
  if (error instanceof RecordError) {
    const advice = 'A mail that has not been sent can still be cancelled; an operator sees it in the dashboard';
    return new Problem('record-unreadable', `Nothing was changed: ${error.message}. ${advice}.`);
  }
  if (error.validationContext === 'body' && request.body === undefined) {
    const message = 'is missing: send JSON with the header `content-type: application/json`';
    return malformedPart('body', new IssueList([{ pointer: '', message, code: 'missing' }]));
  }
  if (error.validation) {
    return malformedPart(error.validationContext ?? '', issuesOf(error.validation as Parameters<typeof issuesOf>[0]));
  }
  switch (error.statusCode) {
    case 413:
      return new Problem('too-large', 'The body of a request has at most 36 MB.', new IssueList([bodyTooLarge(request)]));
    case 415:
      return new Problem('unsupported-media-type', mediaTypeAdvice(request.headers['content-type']));
    case 400:
      return new Problem('malformed-request', error.message, new IssueList([{ pointer: '', message: error.message, code: 'not-http' }]));
    default:
      return new Problem('internal', 'The error is in the log of the API. Your request may be valid.');
  }
}
