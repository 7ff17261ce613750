/** Server-sent events (HTML Living Standard, section 9.2): how a page stays up to date without being reloaded. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** One event. Without a name the browser dispatches it as `message`. */
export interface ServerEvent {
  event?: string;
  /** May have several lines. */
  data: string;
}

/**
 * Answers with a stream of events. Each event must be complete in itself: a page that reconnects gets no history.
 *
 * @param events yields the events; the signal is aborted when the connection has closed
 * @param onError called when `events` throws while the connection is open; the stream then ends and the browser reconnects
 */
export function sendEvents(
  reply: FastifyReply,
  events: (closed: AbortSignal) => AsyncIterable<ServerEvent>,
  onError: (error: Error) => void,
): FastifyReply {
  const connection = new AbortController();
  reply.raw.once('close', () => connection.abort());
  return reply
    .header('content-type', 'text/event-stream')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no') // nginx would buffer the events
    .send(Readable.from(encode(events(connection.signal), connection.signal, onError)));
}

async function* encode(events: AsyncIterable<ServerEvent>, closed: AbortSignal, onError: (error: Error) => void): AsyncGenerator<string> {
  try {
    for await (const { event, data } of events) {
      // The line ends of the format. `^` of a regular expression also matches after U+2028 and between CR and LF.
      const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
      yield `${event === undefined ? '' : `event: ${event}\n`}${lines.join('')}\n`;
    }
  } catch (error) {
    if (!closed.aborted) onError(error as Error);
  }
}
