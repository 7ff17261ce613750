/**
 * Server-sent events (HTML Living Standard, section 9.2) for a `Live` part of a page. Each event is the HTML of the whole part, so a
 * page that connects again needs no history. The event `end` says that the session is over.
 */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers with a stream that ends with the reader's session.
 * @param updates yields the part's HTML whenever it is worth sending; the signal says that nobody listens any more
 */
export function sendLive(
  request: FastifyRequest,
  reply: FastifyReply,
  updates: (gone: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no') // nginx would hold events back
    .send(Readable.from(eventsOf(updates(gone.signal), request, gone.signal)));
}

async function* eventsOf(updates: AsyncIterable<string>, request: FastifyRequest, gone: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const html of updates) {
      if (!(await request.isSignedIn())) return yield 'event: end\ndata: signed out\n\n';
      yield `${html.replaceAll(/^/gm, 'data: ')}\n\n`;
    }
  } catch (error) {
    // The page sees its stream break, and asks again; then it is told why.
    if (!gone.aborted) request.log.warn({ err: { message: (error as Error).message } }, 'a live view broke off');
  }
}
