/** Sending pages, and the page that is sent where there is none to show. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Layout } from './layout.tsx';
import { type PageContext, pageContextOf } from './page-context.ts';

/** Thrown by a route that has no page to show: 403 for a form of another site, 404 for an unknown id or path. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: 403 | 404;

  constructor(statusCode: 403 | 404) {
    super(`HTTP ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/** Sends a page. It shows the current state, so it is never cached. */
export async function sendPage(reply: FastifyReply, page: JSX.Element): Promise<FastifyReply> {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(await page);
}

/** Fastify's error handler. @param log writes a line to the terminal; called for 5xx errors */
export function sendErrorPage(log: (line: string) => void) {
  return (error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { statusCode = 500 } = error;
    const context = pageContextOf(request);
    if (statusCode >= 500) log(`! A page failed: ${error.stack ?? error.message}`);
    return sendPage(reply.code(statusCode), <ErrorPage context={context} status={statusCode} />);
  };
}

function ErrorPage({ context, status }: { context: PageContext; status: number }): JSX.Element {
  const { translations, link } = context;
  const [title, advice] =
    status >= 500
      ? [translations.serverError, translations.serverErrorAdvice]
      : status === 404
        ? [translations.notFound, translations.notFoundAdvice]
        : [translations.rejected, translations.rejectedAdvice];
  return (
    <Layout context={context} title={`${status}: ${title}`}>
      <div class="card empty">
        <span class="lamp off" aria-hidden="true"></span>
        <h1 safe>{title}</h1>
        <p class="soft" safe>
          {advice}
        </p>
        <a class="button" href={link('/')} safe>
          {translations.signUp}
        </a>
      </div>
    </Layout>
  );
}
