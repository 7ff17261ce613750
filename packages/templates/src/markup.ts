/** Reads the tags of MJML and HTML, with their offsets. It reads what a person typed, so anything may be missing. */

/** One tag. */
export interface Tag {
  /** In lower case. */
  readonly name: string;
  readonly kind: 'open' | 'close' | 'empty';
  /** Of its `<`. */
  readonly start: number;
  /** After its `>`; the end of the text for a tag without one. */
  readonly end: number;
}

/** Elements of HTML that have no closing tag (HTML standard section 13.1.2). */
const voidElements = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr']);

/** The tags of a text in which mustaches are replaced by spaces, in order. Comments are passed over, also those for Outlook. */
export function* tagsOf(text: string): Generator<Tag> {
  const start = /<!--|<\/?[a-zA-Z][a-zA-Z0-9:-]*/g;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    if (match[0] === '<!--') {
      start.lastIndex = after(text, '-->', start.lastIndex);
      continue;
    }
    const isClosing = match[0][1] === '/';
    const name = match[0].slice(isClosing ? 2 : 1).toLowerCase();
    const end = endOfTag(text, start.lastIndex);
    const isEmpty = text[end - 2] === '/' || voidElements.has(name);
    yield { name, kind: isClosing ? 'close' : isEmpty ? 'empty' : 'open', start: match.index, end };
    start.lastIndex = end;
  }
}

/** One mustache, possibly a comment or the opening or closing tag of a block. */
export interface Mustache {
  readonly text: string;
  /** Its offset. */
  readonly index: number;
}

/** The mustaches of a text, in order. It takes time in proportion to the text also where many are never closed, which no pattern does. */
export function* mustachesOf(text: string): Generator<Mustache> {
  for (let index = text.indexOf('{{'); index >= 0; ) {
    const isLong = text.startsWith('{{!--', index) && text.includes('--}}', index);
    const close = isLong ? '--}}' : '}}';
    const found = text.indexOf(close, index);
    if (found < 0) return;
    let end = found + close.length;
    while (text[end] === '}') end += 1;
    yield { text: text.slice(index, end), index };
    index = text.indexOf('{{', end);
  }
}

/** Replaces each mustache by what a function returns for it. */
export function replaceMustaches(text: string, replacement: (mustache: Mustache) => string): string {
  let replaced = '';
  let position = 0;
  for (const mustache of mustachesOf(text)) {
    replaced += text.slice(position, mustache.index) + replacement(mustache);
    position = mustache.index + mustache.text.length;
  }
  return replaced + text.slice(position);
}

/** Replaces mustaches by spaces, so that offsets do not change. */
export function withoutMustaches(text: string): string {
  return replaceMustaches(text, (mustache) => mustache.text.replace(/[^\n]/g, ' '));
}

function after(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from);
  return index < 0 ? text.length : index + end.length;
}

/** After the `>` that is not inside quotes. */
function endOfTag(text: string, from: number): number {
  const next = /["'>]/g;
  next.lastIndex = from;
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    if (match[0] === '>') return next.lastIndex;
    const quote = text.indexOf(match[0], next.lastIndex);
    if (quote < 0) break;
    next.lastIndex = quote + 1;
  }
  return text.length;
}
