/** How a page is sent, and how an error becomes a page that says what happened and what to do. */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** Thrown where a page cannot be shown or an action cannot be run. The user reads title and advice. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: number;
  readonly advice: string;
  /** When to try again, in seconds. */
  readonly retryAfter: number | undefined;

  /** @param title what happened; by default the name of the status @param advice why, or how to fix it @param retryAfter seconds */
  constructor(statusCode: number, title: string = STATUS_CODES[statusCode] ?? String(statusCode), advice = '', retryAfter?: number) {
    super(title);
    this.statusCode = statusCode;
    this.advice = advice;
    this.retryAfter = retryAfter ?? (statusCode === 503 ? 5 : undefined);
  }
}

/** Fastify's error handler. */
export type ErrorHandler = (error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** How an app shows and logs errors. */
export interface ErrorPages {
  /** What the user is shown for an error that is not an `HttpError`. */
  explain(error: FastifyError): HttpError;
  render(error: HttpError, request: FastifyRequest): JSX.Element;
  /** Called with the original error when the status is 500 or more. */
  onFailure(error: Error, shown: HttpError, request: FastifyRequest): void;
}

/** @returns a handler that answers every error with a page; a 503 asks to come back after 5 seconds */
export function errorHandler({ explain, render, onFailure }: ErrorPages): ErrorHandler {
  return (error, request, reply) => {
    const shown = error instanceof HttpError ? error : explain(error);
    if (shown.statusCode >= 500) onFailure(error, shown, request);
    if (shown.retryAfter !== undefined) reply.header('retry-after', String(shown.retryAfter));
    return sendPage(reply.code(shown.statusCode), render(shown, request));
  };
}

/** Answers with a page. Pages are never cached: they show the current state, and not everyone may see them. */
export async function sendPage(reply: FastifyReply, page: JSX.Element): Promise<FastifyReply> {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(await page);
}
