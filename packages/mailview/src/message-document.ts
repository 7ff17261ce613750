/**
 * The document that shows a message, to be served from a URL of its own and framed by a page.
 *
 * The message's HTML is hostile until proven otherwise, and no rewriting proves it. So it is left as it
 * came, and the browser is told what it may do: nothing but inline styles and inline pictures. No script,
 * no form, no request, no way to the page around it. Links open in a new tab that cannot reach back.
 */
import type { MessageView } from './message-view.ts';

/**
 * The `sandbox` attribute for the frame. The document's policy says the same, for when it is opened by
 * itself. The page around it should send `frame-src 'self'`, so that a link cannot lead the frame elsewhere.
 */
export const frameSandbox = 'allow-popups allow-popups-to-escape-sandbox';

/** What to serve: `html` as `text/html; charset=utf-8`, with `csp` as its Content-Security-Policy. */
export interface MessageDocument {
  html: string;
  csp: string;
}

/** What of a message is shown. */
type ShownParts = Pick<MessageView, 'html' | 'text' | 'attachments' | 'content'>;

/** Pictures inside the message are put into the document up to this many characters: one may be referred to a million times. */
const inlineLimit = 32 * 1024 * 1024;

// The first <base> with a target wins, whatever the message brings; `noopener` is what browsers do for _blank.
const head = '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank">';

const textStyle =
  '<style>:root{color-scheme:light dark}body{margin:1rem;font:1rem/1.5 system-ui,sans-serif;white-space:pre-wrap;overflow-wrap:anywhere}</style>';

/**
 * The document for a message: its HTML, else its text.
 *
 * @param options `remoteImages`: load pictures over https, which tells their senders that the mail was read
 */
export function messageDocument(view: ShownParts, { remoteImages = false }: { remoteImages?: boolean } = {}): MessageDocument {
  const body = view.html === undefined ? `${textStyle}<body>${escapeText(view.text ?? '')}` : inlinePictures(view.html, view);
  return { html: `${head}${body}`, csp: policy(remoteImages) };
}

function policy(remoteImages: boolean): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data:${remoteImages ? ' https:' : ''}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    `sandbox ${frameSandbox}`,
  ].join('; ');
}

/** Puts pictures of the message in place of the `cid:` addresses (RFC 2392) that attributes and styles refer to them by. */
function inlinePictures(html: string, view: ShownParts): string {
  const pictures = new Map<string, string>();
  for (const [index, { cid, contentType }] of view.attachments.entries()) {
    const content = view.content(index);
    if (cid === undefined || content === undefined || !/^image\/[a-z0-9.+-]+$/i.test(contentType)) continue;
    pictures.set(cid, `data:${contentType};base64,${Buffer.from(content).toString('base64')}`);
  }
  let room = inlineLimit;
  return html.replace(/((?:=|url\()\s*["']?)cid:([^"'\s)>]+)/gi, (reference: string, before: string, cid: string) => {
    const picture = pictures.get(cid) ?? pictures.get(percentDecoded(cid));
    if (picture === undefined || picture.length > room) return reference;
    room -= picture.length;
    return before + picture;
  });
}

function percentDecoded(cid: string): string {
  try {
    return decodeURIComponent(cid);
  } catch {
    return cid;
  }
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
