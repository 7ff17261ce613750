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
import { roleName } from './known-texts.ts';
import type { PageContext } from './page-context.ts';
import { SystemNotices } from './system-notices.tsx';
import { type Language, languages, pageLanguage, Text, t, text } from './translate.ts';

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
  /** The page has a live section that shows the notices: `SystemNotices`. */
  hasNotices?: boolean;
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
export function Layout({ context, title, here, assets = [], goTo, hasNotices = false, children }: LayoutProps): JSX.Element {
  const styles = assets.filter((name) => name.endsWith('.css'));
  const scripts = assets.filter((name) => name.endsWith('.js'));
  return (
    <Document
      language={pageLanguage()}
      title={`${title} · Posthouse`}
      skipText={t('Skip to content')}
      styles={['dashboard.css', 'parts.css', ...styles]}
      scripts={[...scripts, 'zone.js', ...(context.user === undefined ? [] : ['menu.js', 'keys.js'])]}
      head={
        <>
          <meta name="htmx-config" content={htmxConfig} />
          {goTo !== undefined && <meta http-equiv="refresh" content={`0;url=${goTo}`} />}
        </>
      }
      header={<TopBar context={context} here={here} />}
      footer={<Footer context={context} />}
    >
      {!hasNotices && context.status !== undefined && <SystemNotices context={context} status={context.status} />}
      {children}
    </Document>
  );
}

const menu: readonly { path: string; name: string; role?: Role }[] = [
  { path: '/', name: text('Overview') },
  { path: '/mails', name: text('Mails') },
  { path: '/failures', name: text('Failures') },
  { path: '/bulk', name: text('Bulk actions') },
  { path: '/queue', name: text('Queue') },
  { path: '/providers', name: text('Providers') },
  { path: '/templates', name: text('Templates') },
  { path: '/keys', name: text('API keys'), role: 'admin' },
  { path: '/users', name: text('Users'), role: 'admin' },
  { path: '/audit', name: text('Audit'), role: 'admin' },
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
            <nav class="menu" aria-label={t('Main')}>
              {menu
                .filter(({ role }) => context.may(role ?? 'viewer'))
                .map(({ path, name }) => (
                  <a href={path} aria-current={path === here ? 'page' : undefined} safe>
                    {t(name)}
                  </a>
                ))}
            </nav>
            <search class="search">
              <form action="/search">
                <Icon name="search" />
                <input
                  name="q"
                  type="search"
                  aria-label={t('Mail id, Message-ID or recipient')}
                  placeholder={t('Find a mail')}
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
                <span safe>{roleName(user.role)}</span>
              </p>
              <form method="post" action="/logout">
                <button type="submit" class="ghost" safe>
                  {t('Sign out')}
                </button>
              </form>
            </div>
          </>
        )}
      </div>
    </header>
  );
}

const languageNames: Record<Language, string> = { en: 'English', ko: '한국어' };

/** Shown by `?` (assets/keys.js). */
function KeysDialog(): JSX.Element {
  const keys = [
    ['/', t('Go to the search')],
    ['j', t('Next row of the list')],
    ['k', t('Previous row of the list')],
    ['Enter', t('Open the row')],
    ['?', t('Show these keys')],
  ] as const;
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title" safe>
        {t('Keyboard')}
      </h2>
      <dl class="facts">
        {keys.map(([key, meaning]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd safe>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button quiet" safe>
          {t('Close')}
        </button>
      </form>
    </dialog>
  );
}

/** The form goes back to the page that it is on, by its Referer. */
function Footer({ context }: { context: PageContext }): JSX.Element {
  return (
    <footer class="page-footer">
      {context.user !== undefined && <KeysDialog />}
      {context.user !== undefined && (
        <p>
          <Text
            of="Times are in {zone}. “Sent” means accepted by the relay; only the relay knows whether a mail reached the mailbox."
            values={{ zone: context.time.zone.replaceAll('_', ' ') }}
          />
        </p>
      )}
      <form method="post" action="/language" aria-label={t('Language')}>
        {languages
          .filter((language) => language !== pageLanguage())
          .map((language) => (
            <button type="submit" class="ghost" name="language" value={language} lang={language} safe>
              {languageNames[language]}
            </button>
          ))}
      </form>
    </footer>
  );
}
