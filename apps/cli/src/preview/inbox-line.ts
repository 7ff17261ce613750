/** The line of a mail in an inbox: what a person sees before opening it. */

/** Characters of a subject that a phone shows, and of a preheader that a client on a desk shows. */
export const inboxLengths = { subject: 40, preheader: 90 } as const;

/** A text and how much of it an inbox shows. */
export interface CutText {
  shown: string;
  isCut: boolean;
  /** In characters as people count them. */
  length: number;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cuts a text between two characters as people count them: an emoji of several code points is one. */
export function cut(text: string, max: number): CutText {
  const characters = [...graphemes.segment(text)].map(({ segment }) => segment);
  return { shown: characters.slice(0, max).join(''), isCut: characters.length > max, length: characters.length };
}

/** Characters that take no space. A layout puts them behind its preheader, so that an inbox does not show the body after it. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

/** What an inbox shows after the subject: the first text of the body, hidden or not. @param html of the mail */
export function preheaderOf(html: string): string {
  const body = html.slice(Math.max(0, html.search(/<body\b/i)));
  const text = body
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (entity, decimal?: string, hex?: string, name?: string) =>
      character(entity, decimal, hex, name),
    )
    .replace(invisible, '')
    .trim();
  // No inbox shows more; what is padding stays, because an inbox shows it as space.
  return text.slice(0, inboxLengths.preheader * 4);
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  zwnj: '\u200c',
  shy: '\u00ad',
};

function character(entity: string, decimal = '', hex = '', name = ''): string {
  if (name !== '') return named[name.toLowerCase()] ?? entity;
  const code = decimal === '' ? Number.parseInt(hex, 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}
