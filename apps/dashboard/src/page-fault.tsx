/** What cannot be answered with the page that was asked for is answered with one that says why, and what to do. */
import { QueueUnavailable } from '@posthouse/queue';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { FaultPage } from './pages/fault-page.tsx';
import { sendPage } from './pages/send-page.ts';
import { Reader } from './reader.ts';

/** Thrown where a page cannot be shown, or a wish not be carried out. The reader sees all of it. */
export class PageFault extends Error {
  override readonly name = 'PageFault';
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
export function answerError(error: FastifyError | PageFault, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const fault = error instanceof PageFault ? error : faultOf(error);
  if (fault.statusCode >= 500) request.log.error({ err: { type: error.name, message: error.message, stack: error.stack } }, fault.message);
  if (fault.statusCode === 503) reply.header('retry-after', '5');
  const reader = request.reader ?? new Reader(undefined, undefined); // a URL that cannot be read never reaches the hook
  return sendPage(
    reply.code(fault.statusCode),
    <FaultPage reader={reader} status={fault.statusCode} title={fault.message} advice={fault.advice} />,
  );
}

function faultOf(error: FastifyError): PageFault {
  if (error instanceof QueueUnavailable) {
    return new PageFault(
      503,
      'Redis does not answer',
      'All that is shown here is read from Redis, so there is nothing to show until it is back. Is it running, and is REDIS_URL right? Reload this page to try again.',
    );
  }
  const { statusCode = 500 } = error;
  return statusCode < 500
    ? new PageFault(statusCode, 'This request cannot be understood', `${error.message}.`)
    : new PageFault(500, 'Something went wrong on our side', 'The fault is in the log of the dashboard, with its stack.');
}
