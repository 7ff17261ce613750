/**
 * The document that shows a message, served from its own URL and framed by a page.
 *
 * The message's HTML is treated as hostile. It is not rewritten, because no rewriting is complete; instead the browser's policy allows
 * only inline styles and inline images: no scripts, forms, requests or access to the embedding page. Links open in a new tab without
 * an opener.
 */
import type { MessageView } from './message-view.ts';

/**
 * The `sandbox` attribute for the frame. The document's policy contains the same, for when it is opened directly. The embedding page
 * should send `frame-src 'self'`, so that a link cannot navigate the frame to another site.
 */
export const frameSandbox = 'allow-popups allow-popups-to-escape-sandbox';

/** Serve `html` as `text/html; charset=utf-8` with `csp` as its Content-Security-Policy. */
export interface MessageDocument {
  html: string;
  csp: string;
}

/** The parts of a message that are shown. */
type ShownParts = Pick<MessageView, 'html' | 'text' | 'attachments' | 'content'>;

/** Limit, in characters, for all images that are inlined: a message may refer to one of them a million times. */
const maxInlineLength = 32 * 1024 * 1024;

// The first <base> with a target applies, so the message cannot change it. For _blank, browsers imply `noopener`.
const head = '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank">';

const textStyle =
  '<style>:root{color-scheme:light dark}body{margin:1rem;font:1rem/1.5 system-ui,sans-serif;white-space:pre-wrap;overflow-wrap:anywhere}</style>';

/**
 * The document for a message: its HTML, or its text if it has none.
 *
 * @param options.remoteImages loads images by https; the sender can see that
 */
export function messageDocument(view: ShownParts, { remoteImages = false }: { remoteImages?: boolean } = {}): MessageDocument {
  const body = view.html === undefined ? `${textStyle}<body>${escapeText(view.text ?? '')}` : inlineImages(view.html, view);
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

/** Replaces `cid:` URLs (RFC 2392) in attributes and styles by the images of the message. */
function inlineImages(html: string, view: ShownParts): string {
  const images = new Map<string, string>();
  for (const [index, { cid, contentType }] of view.attachments.entries()) {
    const content = view.content(index);
    if (cid === undefined || content === undefined || !/^image\/[a-z0-9.+-]+$/i.test(contentType)) continue;
    images.set(cid, `data:${contentType};base64,${Buffer.from(content).toString('base64')}`);
  }
  let remaining = maxInlineLength;
  return html.replace(/((?:=|url\()\s*["']?)cid:([^"'\s)>]+)/gi, (reference: string, before: string, cid: string) => {
    const image = images.get(cid) ?? images.get(decodePercent(cid));
    if (image === undefined || image.length > remaining) return reference;
    remaining -= image.length;
    return before + image;
  });
}

function decodePercent(cid: string): string {
  try {
    return decodeURIComponent(cid);
  } catch {
    return cid;
  }
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
