/**
 * What every page has around it. A page is a function of its data and the reader, and stands in a `Layout`:
 *
 *     <Layout reader={reader} title="Failures" here="/failures">
 *       <PageHead title="Failures" below="What was refused, by reason." />  its h1, words below it, and things to do as children
 *       <section class="card"> … </section>                                 a box; `<h2>` inside it; class "flush" for a table of its full width
 *     </Layout>
 *
 * To build it of: `StateBadge` and `Badge` (badge.tsx), `When` (when.tsx), `DataTable` (data-table.tsx: a table that becomes cards on a
 * phone), `Facts` of `Fact`s (facts.tsx: names and values), `Notice` (notice.tsx: good, info, warn, bad), `EmptyState` (empty-state.tsx), `Pagination`
 * (pagination.tsx: newer, older), `Progress` (progress.tsx), `Timeline` and `Moment` (timeline.tsx), `Tabs` (tabs.tsx), `ActionForm`
 * (action-form.tsx: a button that changes something), `TextField` and `ChoiceField` (field.tsx), `Live` (live.tsx: a part that is kept
 * fresh), `Icon` (icon.tsx). Classes without a component: `button`, `button quiet`, `button danger`, `row` (things beside each other),
 * `stack` (below each other), `columns` (two cards beside each other), `soft`, `number` (tabular figures), `code` (ids and codes), `clip`
 * (one line, cut). Text is put in by `safe`; there is no inline script and no inline style: the policy forbids both.
 */
import type { PropsWithChildren } from '@kitajs/html';
import type { PageContext } from '../page-context.ts';
import { TopBar } from './top-bar.tsx';

/** One page. */
export type LayoutProps = PropsWithChildren<{
  context: PageContext;
  title: string;
  /** Path of the part of the dashboard that the page belongs to. */
  here?: string;
  /** Names of further scripts and styles in /assets/. */
  assets?: readonly `${string}.${'js' | 'css'}`[];
}>;

/**
 * How htmx 4 is used here: only to keep parts fresh, by its extension for server-sent events. It adds no style sheet of its own, keeps
 * no history, asks nobody but us, puts no fault into a page, and leaves a `<details>` open that the reader has opened. It evaluates
 * code only for `hx-on`, `js:` and trigger filters, none of which are used, and the policy would stop it.
 */
const htmxConfig = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  mode: 'same-origin',
  extensions: 'sse',
  sse: { reconnectMaxDelay: 5000 },
  noSwap: [204, 304, '4xx', '5xx'],
  morphIgnore: ['data-htmx-powered', 'open'],
});

/**
 * The whole document. Its scripts stand at its end and are not deferred: htmx waits for the end of a document that is still being read,
 * but after a deferred one it begins at once, and an extension that is loaded a moment later would come too late.
 */
export function Layout({ context, title, here, assets = [], children }: LayoutProps): JSX.Element {
  const styles = assets.filter((name) => name.endsWith('.css'));
  const scripts = assets.filter((name) => name.endsWith('.js'));
  return (
    <>
      {'<!doctype html>'}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="htmx-config" content={htmxConfig} />
          <title safe>{`${title} · Posthouse`}</title>
          <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />
          {['dashboard.css', ...styles].map((name) => (
            <link rel="stylesheet" href={`/assets/${name}`} />
          ))}
        </head>
        <body>
          <a class="skip" href="#content">
            Skip to the content
          </a>
          <TopBar context={context} here={here} />
          <main id="content" tabindex="-1">
            {children}
          </main>
          {context.user !== undefined && (
            <footer class="bottom">
              <p>
                Times are in <span safe>{context.zone.replaceAll('_', ' ')}</span>. “Accepted by the relay” is the most that any server can
                promise.
              </p>
            </footer>
          )}
          {[...scripts, 'zone.js'].map((name) => (
            <script src={`/assets/${name}`}></script>
          ))}
        </body>
      </html>
    </>
  );
}

/** The name of a page, what it is about, and what can be done there. */
export function PageHead({ title, below, children }: PropsWithChildren<{ title: string; below?: string }>): JSX.Element {
  return (
    <div class="page-head">
      <div>
        <h1 safe>{title}</h1>
        {below !== undefined && (
          <p class="soft" safe>
            {below}
          </p>
        )}
      </div>
      <div class="row">{children}</div>
    </div>
  );
}
