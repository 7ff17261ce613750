/** Error pages: which status, title and advice an error is shown with. */
import { QueueUnavailable, RecordError, redisFailures } from '@posthouse/queue';
import { EmptyState, type ErrorHandler, errorHandler, HttpError } from '@posthouse/web';
import type { FastifyError } from 'fastify';
import { Layout } from './layout.tsx';
import { PageContext } from './page-context.ts';
import { inLanguageOf, t } from './translate.ts';

/** Fastify's error handler. Errors of status 500 and more are logged with their stack. */
export const answerError: ErrorHandler = (error, request, reply) =>
  isUrlError(error) ? inLanguageOf(request, () => answer(error, request, reply)) : answer(error, request, reply);

const answer = errorHandler({
  explain,
  render: (error, request) => {
    // An unreadable URL never reaches the hook that sets the context.
    const context = request.context ?? new PageContext(undefined, undefined);
    return <ErrorPage context={context} error={error} />;
  },
  onFailure: ({ name, message, stack }, { statusCode }, request) => {
    // A 503 has its cause elsewhere.
    if (statusCode === 503) request.log.warn({ status: statusCode, err: { type: name, message } }, 'request failed');
    else request.log.error({ status: statusCode, err: { type: name, message, stack } }, 'request failed');
  },
});

function explain(error: FastifyError): HttpError {
  if (error instanceof QueueUnavailable) {
    const { meaning, fix } = redisFailures[error.failure];
    const title = error.timedOut ? t('Redis does not respond') : t(meaning);
    return new HttpError(
      503,
      title,
      t('The dashboard reads everything from Redis. What to do: {fix}. Then reload this page.', { fix: t(fix) }),
    );
  }
  if (error instanceof RecordError) {
    const advice = t(
      'Nothing was changed: {error}. A mail that has not been sent can still be cancelled. It is deleted after its retention.',
      { error: error.message },
    );
    return new HttpError(409, t('The record of this mail cannot be read'), advice);
  }
  // The message of Fastify has the path, and no advice.
  if (isUrlError(error)) {
    const advice = t('Its path has a % that stands for no character; %25 is the character % itself. Copy the link again.');
    return new HttpError(400, t('Invalid URL'), advice);
  }
  const { statusCode = 500 } = error;
  return statusCode < 500
    ? new HttpError(statusCode, t('Invalid request'), `${error.message}.`)
    : new HttpError(500, t('Internal error'), t('The log of the dashboard has the error with its stack trace.'));
}

function isUrlError(error: Error): boolean {
  return 'code' in error && error.code === 'FST_ERR_BAD_URL';
}

function ErrorPage({ context, error }: { context: PageContext; error: HttpError }): JSX.Element {
  const { statusCode, message, advice } = error;
  const title = `${statusCode}: ${message}`;
  return (
    <Layout context={context} title={title}>
      <section class="card">
        <h1 class="visually-hidden" safe>
          {title}
        </h1>
        <EmptyState title={message} lit={false}>
          <p class="muted" safe>
            {advice}
          </p>
          <a class="button quiet" href="/" safe>
            {t('Go to the overview')}
          </a>
        </EmptyState>
      </section>
    </Layout>
  );
}
