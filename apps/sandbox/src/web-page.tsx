/** How a page is answered, and what is answered where there is none. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { NoticePage } from './pages/notice-page.tsx';
import { readerOf } from './reader.ts';

/** Thrown where a request has no page: 403 for a form of some other site, 404 for what is not here (any more). */
export class NoPage extends Error {
  override readonly name = 'NoPage';
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
  return (error: FastifyError | NoPage, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { statusCode = 500 } = error;
    const reader = readerOf(request);
    const { words } = reader;
    if (statusCode >= 500) tell(`! A page failed: ${error.stack ?? error.message}`);
    const [title, advice] =
      statusCode >= 500
        ? [words.wrong, words.wrongAdvice]
        : statusCode === 404
          ? [words.notFound, words.notFoundAdvice]
          : [words.notUnderstood, words.notUnderstoodAdvice];
    return sendPage(reply.code(statusCode), <NoticePage reader={reader} status={statusCode} title={title} advice={advice} />);
  };
}
