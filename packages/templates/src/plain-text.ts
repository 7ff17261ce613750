/**
 * Derives the text part from HTML. For a template that happens once, when the set is loaded: placeholders pass through
 * html-to-text like words, so that rendering a mail needs no HTML parser. What a screen reader skips is left out, as is the hidden preheader.
 */
import { compile, type DomNode, type FormatCallback } from 'html-to-text';
import type { Placeholders } from './placeholders.ts';

/** The text part for a caller's own HTML. Elements nested deeper than `maxDepth` become `...`. */
export function textFromHtml(html: string): string {
  return normalizeWhitespace(convert(html));
}

/** The text part of a template, with mustaches, from its HTML with placeholders. */
export function textTemplate(html: string, placeholders: Placeholders): string {
  // A link whose text is its URL appears once. html-to-text cannot know, because the two placeholders differ.
  const text = placeholders.restore(convert(html)).replace(/(\{\{.+?\}\}) <\1>/g, '$1');
  // Between two rows stand the end of one block and the start of the next. A line with one tag of a block leaves no line in the mail.
  return text.replace(blockTags, (line) => line.trim().replace(/\}\}[ \t]*\{\{/g, '}}\n{{'));
}

/** A line of several tags of blocks and nothing else. */
const blockTags = /^[ \t]*(?:\{\{(?:[#^/]|else\b)[^}]*\}\}[ \t]*){2,}$/gm;

/**
 * Removes blanks at the ends of lines and repeated blank lines, and ends the text with one line break. Line by line: a regular expression for
 * blanks before a line end looks at a run of them once for each of them, and data may have many.
 */
export function normalizeWhitespace(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return `${lines
    .join('\n')
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

/** A table row on its own line with its cells separated, so that an item does not run into its price. Placeholders between cells are kept. */
const row: FormatCallback = (element, visit, builder) => {
  const cells = element.children.filter((child) => (child.name === 'td' || child.name === 'th') && hasText(child));
  // MJML uses rows with one cell for layout: those are paragraphs.
  const lineBreaks = cells.length > 1 ? 1 : 2;
  builder.openBlock({ leadingLineBreaks: lineBreaks });
  for (const child of element.children) {
    const isCell = cells.includes(child);
    if (isCell && child !== cells[0]) builder.addInline(' | ');
    visit(isCell ? child.children : [child], builder);
  }
  builder.closeBlock({ trailingLineBreaks: lineBreaks });
};

function hasText(node: DomNode, depth = 0): boolean {
  if (node.type === 'text') return node.data?.trim() !== '';
  if (depth > maxDepth || node.attribs?.['aria-hidden'] === 'true') return false;
  return node.name === 'img' || (node.children ?? []).some((child) => hasText(child, depth + 1));
}
