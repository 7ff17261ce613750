/** The document around every page: head, header with the menu, footer. */
import type { PropsWithChildren } from '@kitajs/html';
import type { PageContext } from './page-context.ts';

/** A page's content and what the document needs to know of it. */
export type LayoutProps = PropsWithChildren<{
  context: PageContext;
  title: string;
  /** URL of the server-sent events that update this page (see event-stream.ts). */
  events?: string | undefined;
  /** The menu entry of this page. */
  current?: '/' | '/inbox';
}>;

export function Layout({ context, title, events, current, children }: LayoutProps): JSX.Element {
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
          <header class="page-header">
            <a class="brand" href={link('/')}>
              <span class="lamp" aria-hidden="true"></span>
              <b safe>{translations.brand}</b>
              <small safe>{translations.brandBelow}</small>
            </a>
            <nav class="menu" aria-label={translations.menu}>
              <a href={link('/')} aria-current={current === '/' ? 'page' : undefined} safe>
                {translations.signUp}
              </a>
              <a href={link('/inbox')} aria-current={current === '/inbox' ? 'page' : undefined} safe>
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
          <footer class="page-footer">
            <p safe>{translations.footer}</p>
          </footer>
        </body>
      </html>
    </>
  );
}
