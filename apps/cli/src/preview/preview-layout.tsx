/** The document around every page of the preview, and how issues are shown. */
import type { PropsWithChildren } from '@kitajs/html';
import { Document, type HttpError, Icon, Notice } from '@posthouse/web';
import type { PreviewResult } from './mail-preview.ts';

/** One page. */
export type LayoutProps = PropsWithChildren<{
  title: string;
  /** Script of the page, besides the shared one. */
  script?: string;
  /** What stands in the bar beside the name. */
  bar?: JSX.Element;
  /** That of the templates when the page was asked for: a later change is one that it does not show. */
  revision?: string;
}>;

/** Path of the scripts and styles. No template has a name with `_`, so that none is hidden by them. */
export const assetPrefix = '/_/assets/';

export function Layout({ title, script, bar = <></>, revision = '', children }: LayoutProps): JSX.Element {
  return (
    <Document
      language="en"
      title={`${title} · Template preview`}
      skipText="Skip to content"
      styles={['preview.css', 'preview-form.css']}
      scripts={['preview.js', ...(script === undefined ? [] : [script])]}
      events={`/_/events?since=${revision}`}
      assets={assetPrefix}
      header={
        <header class="top">
          <div class="bar">
            <a class="brand" href="/">
              <span class="lamp" aria-hidden="true"></span>Templates
            </a>
            {bar}
            <p id="connection" class="connection" role="status" hidden>
              Not connected: is the preview still running?
            </p>
          </div>
        </header>
      }
    >
      {children}
    </Document>
  );
}

/** The page for an error. */
export function errorPage(error: HttpError): JSX.Element {
  return (
    <Layout title={error.message}>
      <div class="empty">
        <span class="lamp off" aria-hidden="true"></span>
        <h1 safe>{error.message}</h1>
        {error.advice !== '' && <p safe>{error.advice}</p>}
        <a class="button" href="/">
          All templates
        </a>
      </div>
    </Layout>
  );
}

/** Why a mail cannot be shown, with what to do. */
export function Problem({ result }: { result: Exclude<PreviewResult, { kind: 'mail' }> }): JSX.Element {
  switch (result.kind) {
    case 'data':
      return (
        <Notice
          tone="bad"
          title={result.issues.length === 1 ? 'The API refuses this data' : `The API refuses this data: ${result.issues.length} issues`}
        >
          <ul class="issues">
            {result.issues.map(({ pointer, message }) => (
              <li>
                <code class="code" safe>
                  {pointer}
                </code>{' '}
                <span safe>{message}</span>
              </li>
            ))}
          </ul>
        </Notice>
      );
    case 'template':
      return (
        <Notice
          tone="bad"
          title={
            result.issues.length === 1 ? 'A worker refuses this template' : `A worker refuses this template: ${result.issues.length} issues`
          }
        >
          <ul class="issues">
            {result.issues.map(({ file, line, message, fix }) => (
              <li>
                <code class="code" safe>
                  {line === undefined ? file : `${file}:${line}`}
                </code>{' '}
                <span safe>{`${message}.`}</span> <span safe>{fix}</span>
              </li>
            ))}
          </ul>
        </Notice>
      );
    default:
      return (
        <Notice tone="bad" title="This mail does not render">
          <p safe>{result.message}</p>
        </Notice>
      );
  }
}

/** The same in a few words, for a small picture. */
export function problemText(result: Exclude<PreviewResult, { kind: 'mail' }>): { title: string; detail: string } {
  switch (result.kind) {
    case 'data':
      return {
        title: 'The API refuses this data',
        detail: result.issues.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
      };
    case 'template':
      return {
        title: 'The template has an issue',
        detail: result.issues.map(({ file, line, message }) => `${line === undefined ? file : `${file}:${line}`} ${message}`).join('; '),
      };
    default:
      return { title: 'This mail does not render', detail: result.message };
  }
}

/** A field that filters what the page shows; the key `/` leads to it. */
export function FilterField({ value }: { value: string }): JSX.Element {
  return (
    <form class="search" action="/">
      <Icon name="search" />
      <input
        type="search"
        name="q"
        value={value}
        aria-label="Filter by template, sample or language"
        placeholder="Filter"
        autocomplete="off"
      />
      <kbd>/</kbd>
    </form>
  );
}
