/** What cannot be answered with the page that was asked for is answered with one that says why, and what to do. */
import { QueueUnavailable } from '@posthouse/queue';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { PageContext } from './page-context.ts';
import { FaultPage } from './pages/error-page.tsx';
import { sendPage } from './pages/send-page.ts';

/** Thrown where a page cannot be shown, or a wish not be carried out. The reader sees all of it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: number;
  readonly advice: string;

  /** @param title what happened; @param advice why, or how to mend it */
  constructor(statusCode: number, title: string, advice: string) {
    super(title);
    this.statusCode = statusCode;
    this.advice = advice;
  }
}

/** Fastify's error handler. */
export function answerError(error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fault = error instanceof HttpError ? error : faultOf(error);
  if (fault.statusCode >= 500) request.log.error({ err: { type: error.name, message: error.message, stack: error.stack } }, fault.message);
  if (fault.statusCode === 503) reply.header('retry-after', '5');
  const context = request.context ?? new PageContext(undefined, undefined); // a URL that cannot be read never reaches the hook
  return sendPage(
    reply.code(fault.statusCode),
    <FaultPage context={context} status={fault.statusCode} title={fault.message} advice={fault.advice} />,
  );
}

function faultOf(error: FastifyError): HttpError {
  if (error instanceof QueueUnavailable) {
    return new HttpError(
      503,
      'Redis does not answer',
      'All that is shown here is read from Redis, so there is nothing to show until it is back. Is it running, and is REDIS_URL right? Reload this page to try again.',
    );
  }
  const { statusCode = 500 } = error;
  return statusCode < 500
    ? new HttpError(statusCode, 'This request cannot be understood', `${error.message}.`)
    : new HttpError(500, 'Something went wrong on our side', 'The fault is in the log of the dashboard, with its stack.');
}
