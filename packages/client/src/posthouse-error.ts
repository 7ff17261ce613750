/** The one error of this client: what the API answered, or why there is no answer. */

/** What is wrong with one value of a request. */
export interface Issue {
  /** JSON pointer (RFC 6901) into the body, the query or the headers. */
  pointer: string;
  /** Stable: decide by it. */
  code: string;
  /** For people. It never repeats the value. */
  message: string;
}

/** What the error is about. */
interface ErrorFields {
  code: string;
  title: string;
  detail: string;
  status?: number | undefined;
  type?: string | undefined;
  issues?: readonly Issue[] | undefined;
  requestId?: string | undefined;
  retryable?: boolean;
  mayHaveBeenAccepted?: boolean;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Issues that the message repeats. */
const issuesInMessage = 3;

/** A request that failed. */
export class PosthouseError extends Error {
  override readonly name = 'PosthouseError';
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** Identifies the kind of error as a URI (RFC 9457), also where it is the client's own. */
  readonly type: string;
  /** The end of `type`: `invalid-mail`. The client's own are `no-answer`, `timeout`, `aborted`, `unexpected-answer`, `invalid-request`. */
  readonly code: string;
  /** The same for every error of this kind. */
  readonly title: string;
  /** What is wrong with this request, and what to do. */
  readonly detail: string;
  /** What is wrong with its values. */
  readonly issues: readonly Issue[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** How long the API asks to wait before it is repeated, in ms. */
  readonly retryAfterMs: number | undefined;
  /** Whether mail may be on its way although this failed. Repeating the request with the same `idempotencyKey` sends nothing twice. */
  readonly mayHaveBeenAccepted: boolean;
  /** Names the request in the log of the API. */
  readonly requestId: string | undefined;
  /** The key that the request was sent with, also where the client chose it. */
  idempotencyKey: string | undefined;

  constructor(fields: ErrorFields) {
    const { code, title, detail, status, issues = [] } = fields;
    const listed = issues.slice(0, issuesInMessage).map(({ pointer, message }) => `${pointer || 'the request'} ${message}`);
    super(`${title}${status === undefined ? '' : ` (${status})`}: ${detail}${listed.length > 0 ? ` ${listed.join('; ')}` : ''}`, {
      cause: fields.cause,
    });
    this.status = status;
    this.type = fields.type ?? `https://posthouse.example/errors/${code}`;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.issues = issues;
    this.retryable = fields.retryable ?? false;
    this.retryAfterMs = fields.retryAfterMs;
    this.mayHaveBeenAccepted = fields.mayHaveBeenAccepted ?? false;
    this.requestId = fields.requestId;
  }
}

/** Statuses after which the same request may succeed. */
const retryableStatuses = [408, 429, 502, 503, 504];

/** Errors of the API that say that nothing was accepted, beside most of those below 500. */
const acceptedNothing = ['overloaded', 'stopping', 'request-timeout'];

/** An answer that is no success. @param body its text @param isRead the request changes nothing */
export function answerError(response: Response, body: string, isRead: boolean): PosthouseError {
  const { status, headers } = response;
  const problem = problemOf(body);
  const code = problem?.code ?? 'unexpected-answer';
  // 409: the first request with the same Idempotency-Key is still in progress.
  const isInProgress = code === 'request-in-progress';
  const isUnknown = isInProgress || status >= 500 || (status === 408 && problem === undefined);
  return new PosthouseError({
    ...(problem ?? unexpected(status, headers.get('location'))),
    code,
    status,
    requestId: problem?.requestId ?? headers.get('x-request-id') ?? undefined,
    retryable: isInProgress || retryableStatuses.includes(status),
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
    mayHaveBeenAccepted: !isRead && isUnknown && !acceptedNothing.includes(code),
  });
}

/** No answer of the API's, but of a proxy, or of a server that is not Posthouse. */
function unexpected(status: number, location: string | null): Pick<ErrorFields, 'title' | 'detail'> {
  const advice = location === null ? 'It does not come from Posthouse: check the URL, and proxies in between.' : `Use the URL ${location}.`;
  return { title: 'Unexpected answer', detail: `The answer has the status ${status}. ${advice}` };
}

type Problem = Pick<ErrorFields, 'code' | 'title' | 'detail' | 'type' | 'issues' | 'requestId'>;

function problemOf(body: string): Problem | undefined {
  try {
    const { type, code, title, detail, issues, requestId } = JSON.parse(body) as Problem;
    return typeof code === 'string' ? { type, code, title: `${title}`, detail: `${detail}`, issues, requestId } : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9110 section 10.2.3: seconds, or a date. @returns ms from now */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
