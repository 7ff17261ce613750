/**
 * The id of a request, by which a caller, a proxy and the log of the API name the same one: the header X-Request-ID where it is safe to
 * repeat, else an id of our own. It is a header of every answer, `requestId` in every problem and in every log line about the request.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { limits } from '@posthouse/contract';
import type { FastifyInstance } from 'fastify';

/** No blanks and no `@`: what a caller sends must not pass for a second field, or bring an address into the log. */
const safe = new RegExp(`^[A-Za-z0-9._~:/+=-]{1,${limits.requestIdLength}}$`);

/** The id of a request with these headers. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && safe.test(given) ? given : randomUUID();
}

/** Adds the header to every answer. Call it before other hooks are added, which may end a request. */
export function addRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}
