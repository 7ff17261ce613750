/**
 * Server-sent events (HTML Living Standard, section 9.2) that update regions of a page. `assets/live.js` is the receiving side.
 * A page without script works too, but has to be reloaded.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** HTML by the id of the element that it replaces the content of. */
export type Regions = Record<string, string>;

/**
 * Answers with a stream of regions.
 *
 * @param updates yields all regions each time, so that a page that reconnects needs no history. The signal aborts when the client
 *   has disconnected. When they end, the page is told not to reconnect
 */
export function sendRegions(reply: FastifyReply, updates: (signal: AbortSignal) => AsyncIterable<Regions>): FastifyReply {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .send(Readable.from(eventsOf(updates(closed.signal), closed.signal)));
}

async function* eventsOf(updates: AsyncIterable<Regions>, closed: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const regions of updates) yield `data: ${JSON.stringify(regions)}\n\n`;
    yield 'event: end\ndata: end\n\n';
  } catch (error) {
    if (!closed.aborted) throw error;
  }
}
