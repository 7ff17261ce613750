/** How a page is answered, and what is answered where there is none. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { pageContextOf } from './page-context.ts';
import { NoticePage } from './pages/notice-page.tsx';

/** Thrown where a request has no page: 403 for a form of some other site, 404 for what is not here (any more). */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: 403 | 404;

  constructor(statusCode: 403 | 404) {
    super(`no page: ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/** Answers with a page. It shows what is true now, so nobody keeps it. */
export async function sendPage(reply: FastifyReply, page: JSX.Element): Promise<FastifyReply> {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(await page);
}

/** Fastify's error handler. @param tell the log: of faults of ours, a person at the terminal hears */
export function answerError(tell: (line: string) => void) {
  return (error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { statusCode = 500 } = error;
    const context = pageContextOf(request);
    const { translations } = context;
    if (statusCode >= 500) tell(`! A page failed: ${error.stack ?? error.message}`);
    const [title, advice] =
      statusCode >= 500
        ? [translations.wrong, translations.wrongAdvice]
        : statusCode === 404
          ? [translations.notFound, translations.notFoundAdvice]
          : [translations.notUnderstood, translations.notUnderstoodAdvice];
    return sendPage(reply.code(statusCode), <NoticePage context={context} status={statusCode} title={title} advice={advice} />);
  };
}
