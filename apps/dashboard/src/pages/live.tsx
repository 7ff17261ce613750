/**
 * A part of a page that is kept fresh: the server sends its HTML anew, and htmx changes what differs, so that focus, an open
 * `<details>` and a selection stay. Without JavaScript the part is what it was when the page was loaded; when the stream breaks, it
 * says so. The page needs `liveAssets`; the other end of the stream is in live-stream.ts.
 */
import type { PropsWithChildren } from '@kitajs/html';

/** What a page with a live part has in `assets`. */
export const liveAssets = ['htmx.js', 'htmx-sse.js', 'live.js'] as const;

/** @param from the path of the stream */
export function Live({ from, children }: PropsWithChildren<{ from: string }>): JSX.Element {
  return (
    <>
      <p class="live-state" role="status" data-live-state=""></p>
      <div class="stack" hx-sse:connect={from} hx-sse:close="end" hx-swap="innerMorph">
        {children}
      </div>
    </>
  );
}
