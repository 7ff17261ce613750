/** Checks that the elements of HTML nest. A browser would move or close what does not, each in its own way. */
import { type Tag, tagsOf } from '../markup.ts';

/** An element that does not nest. */
export interface NestingIssue {
  readonly tag: Tag;
  readonly message: string;
}

interface OpenTag extends Tag {
  readonly isOwn: boolean;
}

/** HTML closes these where the next one begins or their parent ends (HTML standard section 13.1.2.4). */
const optionalEnd = new Set(['li', 'dt', 'dd', 'p', 'option', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'body', 'html', 'head']);
/** A `p` ends where one of these begins. */
const blocks = /^(address|article|aside|blockquote|center|div|dl|fieldset|footer|form|h[1-6]|header|hr|ol|p|pre|section|table|ul)$/;
const parents: Readonly<Record<string, RegExp>> = { tr: /^(table|thead|tbody|tfoot)$/, td: /^tr$/, th: /^tr$/, li: /^(ul|ol|menu)$/ };

/**
 * What does not nest in a whole document, in its order.
 * @param isOwn the author wrote the tag: one of MJML's own is never closed by it, and never closes it
 */
export function nestingIssues(html: string, isOwn: (tag: Tag) => boolean): NestingIssue[] {
  const open: OpenTag[] = [];
  const issues: NestingIssue[] = [];
  for (const found of tagsOf(html)) {
    const tag = { ...found, isOwn: isOwn(found) };
    if (tag.kind === 'close') close(tag, open, issues);
    else {
      implyEnds(tag, open);
      const message = misplacement(tag, open);
      if (message !== undefined) issues.push({ tag, message });
      if (tag.kind === 'open') open.push(tag);
    }
  }
  for (const tag of open) if (!optionalEnd.has(tag.name)) issues.push({ tag, message: `never closes <${tag.name}>` });
  return issues;
}

/** Closes what ends where this tag begins: a `td` ends at the next one, an `li` at the next one. */
function implyEnds({ name }: Tag, open: OpenTag[]): void {
  const last = open.at(-1)?.name;
  const isCell = (cell: string | undefined) => cell === 'td' || cell === 'th';
  if (
    last !== undefined &&
    last !== 'p' &&
    ((last === name && optionalEnd.has(name)) || (isCell(last) && (isCell(name) || name === 'tr')))
  ) {
    open.pop();
    if (name === 'tr' && isCell(last) && open.at(-1)?.name === 'tr') open.pop();
  }
}

function misplacement({ name }: Tag, open: readonly Tag[]): string | undefined {
  const parent = open.at(-1)?.name ?? '';
  if (name === 'a' && open.some((tag) => tag.name === 'a')) return 'puts a link into a link';
  if (blocks.test(name) && parent === 'p') return `puts <${name}> into <p>, which ends before it`;
  const allowed = parents[name];
  return allowed === undefined || allowed.test(parent) ? undefined : `puts <${name}> into ${parent === '' ? 'nothing' : `<${parent}>`}`;
}

function close(tag: OpenTag, open: OpenTag[], issues: NestingIssue[]): void {
  const index = open.findLastIndex(({ name, isOwn }) => name === tag.name && isOwn === tag.isOwn);
  if (index < 0) issues.push({ tag, message: `closes <${tag.name}>, which is not open` });
  else {
    const inner = open.splice(index).slice(1);
    for (const unclosed of inner)
      if (!optionalEnd.has(unclosed.name)) issues.push({ tag: unclosed, message: `never closes <${unclosed.name}>` });
  }
}
