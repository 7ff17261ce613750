/** The HTML document around every page: head, skip link, header, main and footer. */
import type { PropsWithChildren } from '@kitajs/html';
import { defaultAssetPrefix } from './web-assets.ts';

/** One page. Its children are the content of `<main id="content">`. */
export type DocumentProps = PropsWithChildren<{
  /** BCP 47 tag of the page's language. */
  language: string;
  title: string;
  /** Text of the link that leads the keyboard past the header. */
  skipText: string;
  /** Names in /assets/, loaded after tokens.css, base.css and components.css. */
  styles?: readonly string[];
  /** Names in /assets/, loaded at the end of the body, in this order. */
  scripts?: readonly string[];
  /** Further elements of `<head>`. */
  head?: JSX.Element;
  header: JSX.Element;
  footer?: JSX.Element | undefined;
  /** The URL of an event stream for the app's script, as `data-events` of the body. */
  events?: string | undefined;
  /** The path of the assets, if it is not `/assets/`. */
  assets?: string;
}>;

const sharedStyles = ['tokens.css', 'base.css', 'components.css'];

export function Document(props: DocumentProps): JSX.Element {
  const { language, title, skipText, styles = [], scripts = [], head = <></>, header, footer = <></>, events, children } = props;
  const { assets = defaultAssetPrefix } = props;
  return (
    <>
      {'<!doctype html>'}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          {head}
          <title safe>{title}</title>
          <link rel="icon" href={`${assets}favicon.svg`} type="image/svg+xml" />
          {[...sharedStyles, ...styles].map((name) => (
            <link rel="stylesheet" href={`${assets}${name}`} />
          ))}
        </head>
        <body data-events={events}>
          <a class="skip" href="#content" safe>
            {skipText}
          </a>
          {header}
          <main id="content" tabindex="-1">
            {children}
          </main>
          {footer}
          {scripts.map((name) => (
            <script src={`${assets}${name}`}></script>
          ))}
        </body>
      </html>
    </>
  );
}
