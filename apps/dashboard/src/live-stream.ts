/**
 * Server-sent events (HTML Living Standard, section 9.2) for a `Live` part of a page. Each event is the HTML of the whole part, so a
 * page that connects again needs no history. The event `end` says that the session is over.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Answers with a stream.
 *
 * @param isOpen asked before each event: whether the reader is still signed in
 * @param updates yields the part's HTML whenever it is worth sending; the signal says that nobody listens any more
 */
export function sendLive(
  reply: FastifyReply,
  isOpen: () => Promise<boolean>,
  updates: (gone: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(eventsOf(updates(gone.signal), isOpen, gone.signal)));
}

async function* eventsOf(updates: AsyncIterable<string>, isOpen: () => Promise<boolean>, gone: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const html of updates) {
      if (!(await isOpen())) return yield 'event: end\ndata: signed out\n\n';
      yield `${html.replaceAll(/^/gm, 'data: ')}\n\n`;
    }
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}
