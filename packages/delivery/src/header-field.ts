/**
 * Header fields as bytes of a message. A field is folded at blanks, so that no line has more than 78 characters where that is possible
 * (RFC 5322 section 2.1.1) and none has only blanks. What no line can hold, or is not ASCII, becomes encoded words (RFC 2047).
 */
import type { Mailbox } from '@posthouse/contract';
import { withoutOuterBlanks } from '@posthouse/message';
import { encodeWord, quoteString } from 'nodemailer/lib/mime-funcs';
import { quotedAddress } from './smtp-address.ts';

/** RFC 5322 section 2.1.1: the recommended length of a line, and the length that none may exceed, without CRLF. */
const line = { preferred: 78, max: 998 } as const;

/** The longest that an encoded word gets (RFC 2047 section 2 allows 75). */
const encodedWordLength = 60;

/** Writes a subject. A receiver shows the same text, also where it resembles an encoded word. Empty for a blank subject. */
export function subjectField(text: string): string {
  const subject = withoutControls(text);
  const isPlain = isAscii(subject) && !subject.includes('=?') && !hasLongWord(subject);
  return field('Subject', isPlain ? pieces(subject) : encoded(subject));
}

/**
 * Writes a header that the caller named. ASCII stays as it is: JSON in `X-SMTPAPI`, URLs in `List-Unsubscribe`, words that are encoded
 * already. Of another value only the words that need it are encoded. Empty for a blank value.
 */
export function namedField(name: string, value: string): string {
  const text = withoutControls(value);
  const ascii = isAscii(text);
  const words = text.split(' ');
  const needsEncoding = (word: string) => !isAscii(word) || hasLongWord(word) || (!ascii && word.includes('=?'));
  let first = words.findIndex(needsEncoding);
  if (first === -1) return field(name, pieces(text));
  let afterLast = words.findLastIndex(needsEncoding) + 1;
  // Further blanks beside an encoded word are encoded with it, or a line could end up with nothing else.
  while (words[first - 1] === '') first -= 1;
  while (words[afterLast] === '') afterLast += 1;
  return field(name, [
    ...pieces(words.slice(0, first).join(' ')),
    ...encoded(words.slice(first, afterLast).join(' ')),
    ...pieces(words.slice(afterLast).join(' ')),
  ]);
}

/** Writes an address header. Empty without addresses. */
export function addressField(name: string, mailboxes: readonly Mailbox[]): string {
  const lists = mailboxes.map(({ name: shown, address }) =>
    shown === undefined ? [quotedAddress(address)] : [...phrase(shown), `<${quotedAddress(address)}>`],
  );
  return field(
    name,
    lists.flatMap((list, index) => (index < lists.length - 1 ? [...list.slice(0, -1), `${list.at(-1)},`] : list)),
  );
}

/** A display name: atoms, a quoted string, or encoded words. */
function phrase(name: string): string[] {
  const text = withoutControls(name);
  if (!isAscii(text) || text.includes('=?')) return encoded(text);
  return /^\w+(?: \w+)*$/.test(text) ? text.split(' ') : [quoteString(text)];
}

/**
 * Writes a parameter of a media type or a disposition, folded onto a line of its own. A value that is not plain ASCII becomes extended
 * (RFC 2231), in as many sections as it needs.
 */
export function parameter(name: string, value: string): string {
  if (isPlainParameter(value)) return `;\r\n ${name}=${/^[A-Za-z0-9!#$&^_.+-]+$/.test(value) ? value : quoteString(value)}`;
  const percentEncoded = encodeURIComponent(Buffer.from(value).toString()).replace(/[!'()*~]/g, (char) => `%${hex(char)}`);
  const sections = `utf-8''${percentEncoded}`.match(/(?:%..|[^%]){1,20}/g) ?? [];
  if (sections.length === 1) return `;\r\n ${name}*=${sections[0]}`;
  return sections.map((section, index) => `;\r\n ${name}*${index}*=${section}`).join('');
}

/** Writes the parameter `name` of a media type, where mail clients that know no extended parameters look for encoded words. */
export function encodedNameParameter(filename: string): string {
  return isPlainParameter(filename) ? parameter('name', filename) : `;\r\n name="${encoded(filename).join('\r\n ')}"`;
}

function isPlainParameter(value: string): boolean {
  return isAscii(value) && !/["\\]|=\?/.test(value);
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase();
}

/**
 * Joins the pieces of a value to a field, which ends with CRLF. The first piece stays on the line of the name where it fits: some parsers
 * take a field whose first line is empty for an empty one.
 */
function field(name: string, pieces: readonly string[]): string {
  if (pieces.length === 0) return '';
  const lines: string[] = [];
  let current = `${name}:`;
  for (const [index, piece] of pieces.entries()) {
    const next = piece.startsWith(' ') ? piece : ` ${piece}`;
    const length = Buffer.byteLength(current) + Buffer.byteLength(next);
    if (length <= (index === 0 ? line.max : line.preferred)) {
      current += next;
      continue;
    }
    lines.push(current);
    current = next;
  }
  return `${[...lines, current].join('\r\n')}\r\n`;
}

/** A text as words, each with the blanks before it; none for a text without a word. */
function pieces(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=[^ ])(?= )/);
}

/** A text as encoded words: quoted-printable where most of it is Latin, else base64. */
function encoded(text: string): string[] {
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0;
  const other = text.match(/[^ -~]/g)?.length ?? 0;
  return encodeWord(text, other < latin ? 'Q' : 'B', encodedWordLength).split(' ');
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** A word that no line holds, not even after the blank of a folded one. */
function hasLongWord(text: string): boolean {
  return text.length >= line.max && text.split(/(?<=[^ ])(?= )/).some((word) => word.length >= line.max);
}

/** A line break or another control character would end the field or be dropped on the way; blanks around a value are no part of it. */
function withoutControls(text: string): string {
  return withoutOuterBlanks(text.replace(/(?:(?![\u0080-\u009f])\p{Cc})+/gu, ' '));
}
