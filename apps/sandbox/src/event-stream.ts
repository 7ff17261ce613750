/**
 * Server-sent events (HTML Living Standard, section 9.2): a page names the regions that it wants to keep fresh, and is sent
 * their HTML anew whenever it changes. `assets/live.js` is the other end. A page without script lacks only that.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** HTML by the id of the element that it goes into. */
export type Regions = Record<string, string>;

/**
 * Answers with a stream of regions.
 *
 * @param updates every one has all regions, so that a page that connects again needs no history; the signal says that nobody
 *   listens any more. When they end, the page is told not to come back
 */
export function sendRegions(reply: FastifyReply, updates: (signal: AbortSignal) => AsyncIterable<Regions>): FastifyReply {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .send(Readable.from(eventsOf(updates(gone.signal), gone.signal)));
}

async function* eventsOf(updates: AsyncIterable<Regions>, gone: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const regions of updates) yield `data: ${JSON.stringify(regions)}\n\n`;
    yield 'event: end\ndata: end\n\n';
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}
