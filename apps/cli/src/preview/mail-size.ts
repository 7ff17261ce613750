/** What takes the space in the HTML of a mail. */

/** A kind of content and its bytes. */
export interface SizePart {
  name: string;
  bytes: number;
}

/** Each kind with what it is found by. What an earlier one has found does not count again. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['Conditional comments for Outlook', /<!--\[if[\s\S]*?<!\[endif\]-->/gi],
  ['Style sheets', /<style\b[\s\S]*?<\/style>/gi],
  ['Images in the HTML', /\bdata:image\/[^"')\s]+/gi],
  ['Inline styles', /\sstyle="[^"]*"/gi],
  ['Links and addresses of images', /\s(?:href|src|background)="[^"]*"/gi],
  ['Tags and other attributes', /<[^>]*>/g],
  ['White space between tags', /\s*\n\s*|[ \t]{2,}/g],
];

/** The kinds of content with their bytes, the largest first. Their sum is the size of the HTML. */
export function sizeParts(html: string): SizePart[] {
  let rest = html;
  const parts = kinds.map(([name, pattern]) => {
    let bytes = 0;
    rest = rest.replace(pattern, (found) => {
      bytes += Buffer.byteLength(found);
      return '';
    });
    return { name, bytes };
  });
  return [...parts, { name: 'Text', bytes: Buffer.byteLength(rest) }].filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

/** `23.4 KB` */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(bytes < 10 * 1024 ? 1 : 0)} KB`;
}
