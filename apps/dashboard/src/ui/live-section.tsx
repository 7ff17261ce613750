/**
 * A section of a page that stays up to date: the server sends its HTML again by server-sent events, and htmx changes what differs, so
 * that focus, selection and an open `<details>` stay. Without JavaScript the section is as it was when the page was loaded. When the
 * stream breaks, the page says so (assets/live.js).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PropsWithChildren } from '@kitajs/html';
import { limits } from '@posthouse/contract';
import { HttpError, type ServerEvent, sendEvents } from '@posthouse/web';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { t } from './translate.ts';

/** A page with a live section has these in `assets`. */
export const liveAssets = ['htmx.js', 'htmx-sse.js', 'live.js'] as const;

/** @param url of the stream: a route that answers with `sendLiveSection` or `pollLiveSection` */
export function LiveSection({ url, children }: PropsWithChildren<{ url: string }>): JSX.Element {
  return (
    <>
      <p class="live-state" role="status" data-live-state=""></p>
      <div class="stack" hx-sse:connect={url} hx-sse:close="end" hx-swap="innerMorph">
        {children}
      </div>
    </>
  );
}

/**
 * Answers with a stream of the section's HTML until the session ends; the event `end` says that it did.
 *
 * @param updates yields the HTML of the whole section; the signal is aborted when the connection has closed
 * @throws HttpError 429 when the session has too many streams
 */
export function sendLiveSection(
  request: FastifyRequest,
  reply: FastifyReply,
  updates: (closed: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  countStream(request, reply);
  return sendEvents(
    reply,
    (closed) => whileSignedIn(request, updates(closed)),
    // The page reconnects, and is answered with the reason.
    ({ message }) => request.log.warn({ err: { message } }, 'live stream failed'),
  );
}

/** Answers with a stream of the section as `render` returns it, every `intervalMs`. */
export function pollLiveSection(
  request: FastifyRequest,
  reply: FastifyReply,
  intervalMs: number,
  render: () => Promise<JSX.Element>,
): FastifyReply {
  return sendLiveSection(request, reply, async function* (closed) {
    for (;;) {
      yield await render();
      await delay(intervalMs, undefined, { signal: closed });
    }
  });
}

/** Open streams by session: each reads Redis again and again. */
const streams = new Map<string, number>();

function countStream({ sessionId }: FastifyRequest, { raw }: FastifyReply): void {
  const open = streams.get(sessionId) ?? 0;
  if (open >= limits.liveStreams) {
    throw new HttpError(
      429,
      t('Too many live pages'),
      t('At most {max} pages of one session are kept up to date. Close some, then reload.', { max: limits.liveStreams }),
      5,
    );
  }
  streams.set(sessionId, open + 1);
  raw.once('close', () => {
    const left = (streams.get(sessionId) ?? 1) - 1;
    if (left > 0) streams.set(sessionId, left);
    else streams.delete(sessionId);
  });
}

async function* whileSignedIn(request: FastifyRequest, updates: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  for await (const html of updates) {
    if (!(await request.isSignedIn())) return yield { event: 'end', data: 'signed out' };
    yield { data: html };
  }
}
