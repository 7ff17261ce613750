/**
 * The document around every page of the dashboard: the bar with menu, search and account, the content, and the footer.
 *
 *     <Layout context={context} title="Failures" here="/failures" assets={['failures.css']}>
 *       <PageHead title="Failures" below="Failing mails by server response" />
 *       <section class="card"> … </section>
 *     </Layout>
 *
 * A card has class "flush" around a table of its full width. To build a page of, in this folder: `StateBadge`, `Badge` (badge.tsx),
 * `DataTable`, `Pagination` (data-table.tsx), `When`, `Progress`, `ActionForm` (elements.tsx), `LiveSection` (live-section.tsx) and `Reason`
 * (reason-explanations.tsx); in packages/web, the parts that both web apps use. Classes without a component: `row`, `stack`, `columns`,
 * `muted`, `number`, `code`, `clip`.
 */

import type { PropsWithChildren } from '@kitajs/html';
import type { Role } from '@posthouse/access';
import { Document, Icon } from '@posthouse/web';
import type { PageContext } from './page-context.ts';

/** One page. */
export type LayoutProps = PropsWithChildren<{
  context: PageContext;
  title: string;
  /** Path of the entry in the menu that the page belongs to. */
  here?: string;
  /** Names of further scripts and styles in /assets/. */
  assets?: readonly `${string}.${'js' | 'css'}`[];
  /** A path that the browser goes to at once. */
  goTo?: string;
}>;

/**
 * How htmx 4 is used here: only for live sections, with its extension for server-sent events. It adds no style sheet, keeps no history,
 * sends requests to this server only, puts no error response into a page, and leaves a `<details>` open that the user has opened. It
 * evaluates code only for `hx-on`, `js:` and trigger filters, none of which are used; the policy would block it.
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
 * Scripts are not deferred: htmx waits until the document has been parsed, but a deferred htmx starts at once, before an extension that
 * loads after it.
 */
export function Layout({ context, title, here, assets = [], goTo, children }: LayoutProps): JSX.Element {
  const styles = assets.filter((name) => name.endsWith('.css'));
  const scripts = assets.filter((name) => name.endsWith('.js'));
  return (
    <Document
      language="en"
      title={`${title} · Posthouse`}
      skipText="Skip to content"
      styles={['dashboard.css', 'parts.css', ...styles]}
      scripts={[...scripts, 'zone.js']}
      head={
        <>
          <meta name="htmx-config" content={htmxConfig} />
          {goTo !== undefined && <meta http-equiv="refresh" content={`0;url=${goTo}`} />}
        </>
      }
      header={<TopBar context={context} here={here} />}
      footer={context.user === undefined ? undefined : <Footer context={context} />}
    >
      {children}
    </Document>
  );
}

const menu: readonly { path: string; name: string; role?: Role }[] = [
  { path: '/', name: 'Overview' },
  { path: '/mails', name: 'Mails' },
  { path: '/failures', name: 'Failures' },
  { path: '/bulk', name: 'Bulk actions' },
  { path: '/queue', name: 'Queue' },
  { path: '/keys', name: 'API keys', role: 'admin' },
  { path: '/users', name: 'Users', role: 'admin' },
  { path: '/audit', name: 'Audit', role: 'admin' },
];

/** Before sign-in it has only the name of the product. */
function TopBar({ context, here }: { context: PageContext; here: string | undefined }): JSX.Element {
  const { user } = context;
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href="/">
          <span class="lamp" aria-hidden="true"></span>
          Posthouse
        </a>
        {user !== undefined && (
          <>
            <nav class="menu" aria-label="Main">
              {menu
                .filter(({ role }) => context.may(role ?? 'viewer'))
                .map(({ path, name }) => (
                  <a href={path} aria-current={path === here ? 'page' : undefined} safe>
                    {name}
                  </a>
                ))}
            </nav>
            <search class="search">
              <form action="/search">
                <Icon name="search" />
                <input
                  name="q"
                  type="search"
                  aria-label="Mail id, Message-ID or recipient"
                  placeholder="Mail id, Message-ID or recipient"
                  autocomplete="off"
                  spellcheck="false"
                />
              </form>
            </search>
            <div class="account">
              <p>
                <a href="/account" aria-current={here === '/account' ? 'page' : undefined} safe>
                  {user.name}
                </a>{' '}
                <span>{user.role}</span>
              </p>
              <form method="post" action="/logout">
                <button type="submit" class="ghost">
                  Sign out
                </button>
              </form>
            </div>
          </>
        )}
      </div>
    </header>
  );
}

function Footer({ context }: { context: PageContext }): JSX.Element {
  return (
    <footer class="page-footer">
      <p>
        Times are in <span safe>{context.time.zone.replaceAll('_', ' ')}</span>. “Sent” means accepted by the relay; only the relay knows
        whether a mail reached the mailbox.
      </p>
    </footer>
  );
}
