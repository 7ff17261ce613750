/** What every page has around it. */
import type { PropsWithChildren } from '@kitajs/html';
import type { PageContext } from '../page-context.ts';

/** One page. */
export type LayoutProps = PropsWithChildren<{
  context: PageContext;
  title: string;
  /** URL of a stream of regions (see event-stream.ts) that keeps this page fresh. */
  events?: string;
  /** Path of the page in the menu that this is. */
  here?: '/' | '/inbox';
}>;

/** The whole document. */
export function Layout({ context, title, events, here, children }: LayoutProps): JSX.Element {
  const { language, translations, link, otherLanguage } = context;
  return (
    <>
      {'<!doctype html>'}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title safe>{`${title} · ${translations.brand}`}</title>
          <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/assets/sandbox.css" />
          {events !== undefined && <script src="/assets/live.js" defer></script>}
        </head>
        <body data-events={events}>
          <a class="skip" href="#content" safe>
            {translations.skip}
          </a>
          <header class="top">
            <a class="brand" href={link('/')}>
              <span class="lit" aria-hidden="true"></span>
              <b safe>{translations.brand}</b>
              <small safe>{translations.brandBelow}</small>
            </a>
            <nav class="menu" aria-label={translations.menu}>
              <a href={link('/')} aria-current={here === '/' ? 'page' : undefined} safe>
                {translations.join}
              </a>
              <a href={link('/inbox')} aria-current={here === '/inbox' ? 'page' : undefined} safe>
                {translations.inbox}
              </a>
              <a href={otherLanguage.href} lang={otherLanguage.language} hreflang={otherLanguage.language} safe>
                {translations.otherLanguage}
              </a>
            </nav>
          </header>
          <main id="content" tabindex="-1">
            {children}
          </main>
          <footer class="bottom">
            <p safe>{translations.sandbox}</p>
          </footer>
        </body>
      </html>
    </>
  );
}
