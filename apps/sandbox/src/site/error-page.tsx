/** The page for an error: what happened and what to do. */
import { EmptyState, type ErrorHandler, errorHandler, HttpError } from '@posthouse/web';
import { Layout } from './layout.tsx';
import { type PageContext, pageContextOf } from './page-context.ts';

/** @param log writes a line to the terminal; called for errors of status 500 and more */
export function siteErrorHandler(log: (line: string) => void): ErrorHandler {
  return errorHandler({
    explain: ({ statusCode = 500 }) => new HttpError(statusCode),
    render: ({ statusCode }, request) => <ErrorPage context={pageContextOf(request)} status={statusCode} />,
    onFailure: (error) => log(`! A page failed: ${error.stack ?? error.message}`),
  });
}

/** The text follows from the status alone. */
function ErrorPage({ context, status }: { context: PageContext; status: number }): JSX.Element {
  const { translations, link } = context;
  const [title, advice] =
    status >= 500
      ? [translations.serverError, translations.serverErrorAdvice]
      : status === 404
        ? [translations.notFound, translations.notFoundAdvice]
        : [translations.rejected, status === 403 ? translations.otherOriginAdvice : translations.rejectedAdvice];
  return (
    <Layout context={context} title={`${status}: ${title}`}>
      <section class="card">
        <h1 class="visually-hidden" safe>{`${status}: ${title}`}</h1>
        <EmptyState title={title} lit={false}>
          <p class="muted" safe>
            {advice}
          </p>
          <a class="button" href={link('/')} safe>
            {translations.signUp}
          </a>
        </EmptyState>
      </section>
    </Layout>
  );
}
