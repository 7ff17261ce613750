/**
 * The text part, derived from the compiled HTML once, at load: its marks go through html-to-text like words,
 * so that a mail costs no HTML parser. What a screen reader skips is left out, the hidden preheader too.
 */
import { compile, type DomNode, type FormatCallback } from 'html-to-text';
import type { Placeholders } from './placeholders.ts';

/** The text part for HTML that a caller wrote. What is nested deeper than any mail is becomes `...`. */
export function textOf(html: string): string {
  return tidied(convert(html));
}

/** Turns a template's HTML, with marks, into text with mustaches. */
export function plainText(html: string, placeholders: Placeholders): string {
  // A link that is its own text is shown once; html-to-text sees two different marks.
  return placeholders.restore(convert(html)).replace(/(\{\{.+?\}\}) <\1>/g, '$1');
}

/** No blanks at the end of a line, no more than one blank line, one line break at the end. */
export function tidied(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

const maxDepth = 256;
let converter: ((html: string) => string) | undefined;

function convert(html: string): string {
  converter ??= compile({
    wordwrap: false,
    limits: { maxDepth },
    formatters: { row },
    selectors: [
      { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true } },
      ...['h1', 'h2', 'h3'].map((selector) => ({ selector, options: { uppercase: false, leadingLineBreaks: 2 } })),
      { selector: 'tr', format: 'row' },
      { selector: '[aria-hidden="true"]', format: 'skip' },
      { selector: '[style^="display:none"]', format: 'skip' },
      { selector: 'img', options: { pathRewrite: () => '' } },
    ],
  });
  return converter(html);
}

/** A row on a line of its own, its cells apart: an item must not run into its price. What stands between cells is a mark. */
const row: FormatCallback = (element, walk, builder) => {
  const cells = element.children.filter((child) => (child.name === 'td' || child.name === 'th') && hasText(child));
  // MJML lays out with rows of one cell: those are paragraphs.
  const lineBreaks = cells.length > 1 ? 1 : 2;
  builder.openBlock({ leadingLineBreaks: lineBreaks });
  for (const child of element.children) {
    const isCell = cells.includes(child);
    if (isCell && child !== cells[0]) builder.addInline(' | ');
    walk(isCell ? child.children : [child], builder);
  }
  builder.closeBlock({ trailingLineBreaks: lineBreaks });
};

function hasText(node: DomNode, depth = 0): boolean {
  if (node.type === 'text') return node.data?.trim() !== '';
  if (depth > maxDepth || node.attribs?.['aria-hidden'] === 'true') return false;
  return node.name === 'img' || (node.children ?? []).some((child) => hasText(child, depth + 1));
}
