/** The server side of a `Live` part of a page: its HTML, sent again whenever it has changed, until the session ends. */
import { type ServerEvent, sendEvents } from '@posthouse/web';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers with a stream of the part's HTML. The event `end` says that the session is over.
 *
 * @param updates yields the HTML of the whole part; the signal is aborted when the connection has closed
 */
export function sendLive(
  request: FastifyRequest,
  reply: FastifyReply,
  updates: (closed: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  return sendEvents(
    reply,
    (closed) => whileSignedIn(request, updates(closed)),
    // The page reconnects, and is answered with the reason.
    ({ message }) => request.log.warn({ err: { message } }, 'live stream failed'),
  );
}

async function* whileSignedIn(request: FastifyRequest, updates: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  for await (const html of updates) {
    if (!(await request.isSignedIn())) return yield { event: 'end', data: 'signed out' };
    yield { data: html };
  }
}
