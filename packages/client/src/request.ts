/** One request to the API, tried again until it is answered or its time is over. Nothing here is Node's: it runs wherever `fetch` does. */
import { invalidRequest, optionIssue } from './arguments.ts';
import { answerError, PosthouseError } from './posthouse-error.ts';

/** Where the API is, and how long to try. */
export interface Connection {
  /** Without a slash at its end. */
  url: string;
  key: string;
  fetch: typeof fetch;
  /** How long one try may take, in ms. */
  tryTimeoutMs: number;
  /** How long all tries may take together, with the waits between them, in ms. */
  timeoutMs: number;
}

/** Options of every request. */
export interface RequestOptions {
  /** Ends the request, and the waits between its tries. */
  signal?: AbortSignal | undefined;
  /** How long all tries may take together, in ms. Default: that of the client, 8 seconds. */
  timeoutMs?: number | undefined;
}

/** What is requested. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  /** From `/v1` on. */
  path: string;
  body?: unknown;
  /** Makes it safe to repeat a request that accepts mail. */
  idempotencyKey?: string;
  /** Options that it has besides those of every request. */
  optionNames?: readonly string[];
}

/** The first wait between two tries, in ms, doubled each time; up to an eighth of the whole time, or this. */
const firstWaitMs = 100;
const longestWaitMs = 60_000;

/** A large body takes longer: for each MiB, each try may take this much longer, in ms, and the whole too. */
const perMebibyteMs = 1000;

/**
 * Sends a request until it is answered.
 * @returns the JSON of the answer
 * @throws PosthouseError
 */
export async function send<T>(connection: Connection, call: Call, options: RequestOptions = {}): Promise<T> {
  const issue = optionIssue(options, ['timeoutMs', 'signal', ...(call.optionNames ?? [])]);
  if (issue !== undefined) throw invalidRequest(issue);
  const { signal } = options;
  const body = call.body === undefined ? undefined : toJson(call.body);
  const moreMs = Math.floor((body?.length ?? 0) / 2 ** 20) * perMebibyteMs;
  const timeoutMs = (options.timeoutMs ?? connection.timeoutMs) + moreMs;
  const deadline = performance.now() + timeoutMs;
  const maxWaitMs = Math.min(timeoutMs / 8, longestWaitMs);
  // A try that is cut off at once would only make the outcome unknown.
  const worthwhileMs = Math.min(connection.tryTimeoutMs, timeoutMs) / 4;
  let mayHaveBeenAccepted = false;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    const leftMs = Math.max(deadline - performance.now(), 0);
    const answer = await tryOnce<T>(connection, call, body, Math.min(connection.tryTimeoutMs + moreMs, leftMs), signal);
    if (!(answer instanceof PosthouseError)) return answer.value;
    mayHaveBeenAccepted ||= answer.mayHaveBeenAccepted;
    // A proxy may name a time that is past by our clock: that is no reason to repeat the request without a wait.
    const pauseMs = Math.max(answer.retryAfterMs ?? 0, waitMs * (0.5 + Math.random() / 2));
    const mayRepeat = answer.retryable && performance.now() + pauseMs + worthwhileMs <= deadline;
    if (mayRepeat && (await pause(pauseMs, signal))) continue;
    const error = mayRepeat ? abortedError(signal, mayHaveBeenAccepted) : withAcceptance(answer, mayHaveBeenAccepted);
    throw Object.assign(error, { idempotencyKey: call.idempotencyKey });
  }
}

/** An earlier try may have been accepted, whatever the last one was answered. */
function withAcceptance(error: PosthouseError, mayHaveBeenAccepted: boolean): PosthouseError {
  return error.mayHaveBeenAccepted === mayHaveBeenAccepted
    ? error
    : new PosthouseError({ ...error, cause: error.cause, mayHaveBeenAccepted });
}

/** @throws PosthouseError for what JSON cannot express, such as a circular object */
function toJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw invalidRequest(`It cannot be written as JSON: ${cause}`, cause);
  }
}

async function tryOnce<T>(
  connection: Connection,
  { method, path, idempotencyKey }: Call,
  body: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ value: T } | PosthouseError> {
  const isRead = method === 'GET';
  const controller = new AbortController();
  const abort = () => controller.abort();
  // An injected fetch may ignore the signal.
  const aborted = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', () => reject(controller.signal.reason)));
  aborted.catch(() => undefined);
  const timer = setTimeout(abort, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    if (signal?.aborted) return abortedError(signal, false);
    const headers = {
      authorization: `Bearer ${connection.key}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    // A redirect would turn a POST into a GET.
    const init: RequestInit = { method, headers, redirect: 'manual', signal: controller.signal, ...(body !== undefined && { body }) };
    const run = async () => {
      const response = await connection.fetch(connection.url + path, init);
      return { response, text: await response.text() };
    };
    const { response, text } = await Promise.race([run(), aborted]);
    if (!response.ok) return answerError(response, text, isRead);
    const value = parse<T>(text);
    return value === undefined ? answerError(response, text, isRead) : { value };
  } catch (error) {
    return noAnswer(error, controller.signal.aborted, signal, !isRead, timeoutMs);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Where nothing was sent, as Node names it: no connection was made. */
const notConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];

const blockedPort = '`fetch` blocks the port of this URL (https://fetch.spec.whatwg.org/#port-blocking): serve the API at another one.';

function noAnswer(
  cause: unknown,
  isTimeout: boolean,
  signal: AbortSignal | undefined,
  mayHaveBeenAccepted: boolean,
  timeoutMs: number,
): PosthouseError {
  if (signal?.aborted) return abortedError(signal, mayHaveBeenAccepted);
  const detail = `No answer within ${Math.round(timeoutMs)} ms.`;
  if (isTimeout)
    return new PosthouseError({ code: 'timeout', title: 'No answer in time', detail, retryable: true, mayHaveBeenAccepted, cause });
  const inner = (cause as { cause?: { code?: string; message?: string } } | undefined)?.cause;
  // As Node names it: nothing was sent, and never is.
  if (inner?.message === 'bad port') return invalidRequest(blockedPort, cause);
  return new PosthouseError({
    code: 'no-answer',
    title: 'Posthouse cannot be reached',
    detail: `${inner?.message || inner?.code || (cause as Error)?.message || cause}.`,
    retryable: true,
    mayHaveBeenAccepted: mayHaveBeenAccepted && !notConnected.includes(inner?.code ?? ''),
    cause,
  });
}

function abortedError(signal: AbortSignal | undefined, mayHaveBeenAccepted: boolean): PosthouseError {
  return new PosthouseError({
    code: 'aborted',
    title: 'Aborted',
    detail: 'The caller ended it.',
    mayHaveBeenAccepted,
    cause: signal?.reason,
  });
}

/** @returns false when the signal ended it */
function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve(!signal?.aborted);
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
