/**
 * The document in a frame: a mail's HTML, of which the browser runs no script and loads nothing.
 *
 * The bytes are those of the mail, but for two things that a frame cannot have otherwise: the answer to `prefers-color-scheme`, which browsers
 * take from the system, and hints to connect to a server, which no policy covers.
 */

/** Attribute of the frame of a mail that is opened: the page measures the document, whose scripts never run. Small pictures have none of it. */
export const openedSandbox = 'allow-same-origin';

/** What a frame shows. */
export interface FrameOptions {
  isDark: boolean;
  /** `off` shows what a client shows that loads no images. */
  images: 'inline' | 'load' | 'off';
}

/** Serve `html` as `text/html; charset=utf-8` with `policy` as its Content-Security-Policy. */
export function frameDocument(html: string, { isDark, images }: FrameOptions): { html: string; policy: string } {
  const sources = { inline: 'data:', load: 'data: https: http:', off: "'none'" }[images];
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src ${sources}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    `sandbox ${openedSandbox}`,
  ].join('; ');
  return { html: inColorScheme(withoutHints(html), isDark), policy };
}

/** Addresses of images that the frame does not load unless it is asked to. */
export function remoteImages(html: string): string[] {
  const found = html.matchAll(/(?:\bsrc=["']?|\bbackground=["']?|url\(["']?)(https?:[^"'\s)>]+)/gi);
  return [...new Set([...found].map(([, url = '']) => url))];
}

/** A page for a frame whose mail cannot be shown, large enough to be read in a small picture. */
export function problemDocument({ title, detail }: { title: string; detail: string }): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>
:root{color-scheme:light dark}body{margin:0;padding:48px 40px;font:26px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;background:light-dark(#fbe3de,#45201b);color:light-dark(#a2231a,#ffa698)}
h1{margin:0 0 16px;font-size:38px;line-height:1.25}p{margin:0}</style><h1>${escaped(title)}</h1><p>${escaped(detail)}</p></html>`;
}

function withoutHints(html: string): string {
  return html.replace(/<link\b[^>]*\brel=["']?[^"'>]*(?:preconnect|prefetch|preload|prerender)[^>]*>/gi, '');
}

/** Media queries for the other scheme never match, those for this one always do. */
function inColorScheme(html: string, isDark: boolean): string {
  const scheme = isDark ? 'dark' : 'light';
  return html
    .replace(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_, asked: string) =>
      asked.toLowerCase() === scheme ? '(min-width:0px)' : '(min-width:99999px)',
    )
    .replace(/(color-scheme\s*:\s*|content=["'])(?:light dark|dark light)\b/gi, `$1${scheme}`);
}
