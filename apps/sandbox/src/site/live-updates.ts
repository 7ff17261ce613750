/** Live updates: server-sent events that replace regions of a page. `assets/live.js` is the receiving side; without it a page has to be reloaded. */
import { type ServerEvent, sendEvents } from '@posthouse/web';
import type { FastifyReply } from 'fastify';

/** HTML by the id of the element that it replaces the content of. */
export type Regions = Record<string, string>;

/**
 * Answers with a stream of regions.
 *
 * @param updates yields all regions each time, so that a page that reconnects needs no history. The signal is aborted when the
 *   connection has closed. When the updates end, an `end` event keeps the page from reconnecting
 * @param log writes a line to the terminal; called when the updates fail
 */
export function sendRegions(
  reply: FastifyReply,
  updates: (closed: AbortSignal) => AsyncIterable<Regions>,
  log: (line: string) => void,
): FastifyReply {
  async function* events(closed: AbortSignal): AsyncGenerator<ServerEvent> {
    for await (const regions of updates(closed)) yield { data: JSON.stringify(regions) };
    yield { event: 'end', data: 'end' };
  }
  return sendEvents(reply, events, (error) => log(`! Live updates failed: ${error.stack ?? error.message}`));
}
