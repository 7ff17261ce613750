/** The document around every page of the sandbox, with the header, the menu and the footer. */
import type { PropsWithChildren } from '@kitajs/html';
import { Document } from '@posthouse/web';
import type { PageContext } from './page-context.ts';

/** A page. Its children are the content. */
export type LayoutProps = PropsWithChildren<{
  context: PageContext;
  title: string;
  /** The page's own style sheet in /assets/. */
  style?: `${string}.css`;
  /** URL of the event stream that updates this page (see live-updates.ts). */
  events?: string | undefined;
  /** The menu entry of this page. */
  current?: MenuPath;
}>;

type MenuPath = '/' | '/inbox';

export function Layout({ context, title, style, events, current, children }: LayoutProps): JSX.Element {
  const { language, translations } = context;
  return (
    <Document
      language={language}
      title={`${title} · ${translations.brand}`}
      skipText={translations.skip}
      styles={['sandbox.css', ...(style === undefined ? [] : [style])]}
      scripts={['zone.js', ...(events === undefined ? [] : ['live.js'])]}
      events={events}
      header={<Header context={context} current={current} />}
      footer={
        <footer class="page-footer">
          <p safe>{translations.footer}</p>
        </footer>
      }
    >
      {children}
    </Document>
  );
}

function Header({ context, current }: { context: PageContext; current: MenuPath | undefined }): JSX.Element {
  const { translations, link, otherLanguage } = context;
  return (
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
  );
}
