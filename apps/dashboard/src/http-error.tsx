/** Error pages: which status, title and advice an error is shown with. */
import { QueueUnavailable } from '@posthouse/queue';
import { errorHandler, HttpError } from '@posthouse/web';
import type { FastifyError } from 'fastify';
import { PageContext } from './page-context.ts';
import { ErrorPage } from './pages/error-page.tsx';

/** Fastify's error handler. Errors of status 500 and more are logged with their stack. */
export const answerError = errorHandler({
  explain,
  render: ({ statusCode, message, advice }, request) => {
    const context = request.context ?? new PageContext(undefined, undefined); // an unreadable URL never reaches the hook that sets it
    return <ErrorPage context={context} status={statusCode} title={message} advice={advice} />;
  },
  onFailure: ({ name, message, stack }, { statusCode }, request) => {
    request.log.error({ status: statusCode, err: { type: name, message, stack } }, 'request failed');
  },
});

function explain(error: FastifyError): HttpError {
  if (error instanceof QueueUnavailable) {
    return new HttpError(
      503,
      'Redis does not respond',
      'The dashboard reads everything from Redis, so it can show nothing until Redis is back. Check that Redis runs and that REDIS_URL is right, then reload this page.',
    );
  }
  const { statusCode = 500 } = error;
  return statusCode < 500
    ? new HttpError(statusCode, 'Invalid request', `${error.message}.`)
    : new HttpError(500, 'Internal error', 'The log of the dashboard has the error and its stack.');
}
