/** Transfer encodings of a text (RFC 2045 section 6): how its bytes become lines that every relay passes on unchanged. */

/** As it is, or encoded. */
type TransferEncoding = '7bit' | 'quoted-printable' | 'base64';

/** A text that is about to be written. */
export interface EncodableText {
  encoding: TransferEncoding;
  /** UTF-8; each line break is CRLF. */
  bytes: Buffer;
  /** How many bytes it has with its encoding, at most. */
  maxLength: number;
}

/** RFC 2045 sections 6.7 and 6.8: the longest line of an encoded text, without CRLF. */
const maxLine = 76;

/** Bytes that base64 puts on one line. */
const base64Line = (maxLine / 4) * 3;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blank = 0x20;
const equalsSign = 0x3d;

const hexDigits = Buffer.from('0123456789ABCDEF');

/** By byte: 1 for a Latin letter. */
const letters = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[A-Za-z]/.test(String.fromCharCode(byte))));

/** By byte, with which a character begins that is no plain text: how many it is in UTF-16. */
const others = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0xc0) return byte < 0xf0 ? 1 : 2;
  return Number((byte < blank && byte !== tab && byte !== lineFeed && byte !== carriageReturn) || byte === 0x7f);
});

/** By byte: 1 for one that quoted-printable leaves as it is, wherever it stands. */
const literals = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte > blank && byte < 0x7f && byte !== equalsSign));

/** By byte: 1 for one that quoted-printable always escapes. */
const escapes = Uint8Array.from({ length: 256 }, (_, byte) => Number(others[byte] !== 0 || byte >= 0x7f || byte === equalsSign));

/** Makes each line break CRLF: a bare one would be read differently by different servers. */
export function withLineEnds(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

/** Chooses the encoding of a text: none where it is ASCII in short lines, quoted-printable where most of it is Latin, else base64. */
export function encodable(text: string): EncodableText {
  const bytes = Buffer.from(withLineEnds(text));
  let latin = 0;
  let other = 0;
  let escaped = 0;
  let lines = 1;
  let lineStart = 0;
  let longestLine = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    latin += letters[byte] as number;
    other += others[byte] as number;
    escaped += escapes[byte] as number;
    if (byte !== lineFeed) continue;
    longestLine = Math.max(longestLine, at - 1 - lineStart);
    lineStart = at + 1;
    lines++;
  }
  longestLine = Math.max(longestLine, bytes.length - lineStart);
  const isPlain = other === 0 && longestLine <= maxLine;
  const encoding = isPlain ? '7bit' : other < latin ? 'quoted-printable' : 'base64';
  // A blank at the end of each line may be escaped as well.
  return { encoding, bytes, maxLength: maxLength(encoding, bytes.length, escaped + lines) };
}

function maxLength(encoding: TransferEncoding, length: number, escaped: number): number {
  if (encoding === '7bit') return length;
  if (encoding === 'base64') return Math.ceil(length / base64Line) * (maxLine + 2);
  // A line is ended early where the next character, of 12 columns at most, does not fit.
  const columns = length + 2 * escaped;
  return columns + 3 * Math.ceil(columns / (maxLine - 12));
}

/**
 * Writes a text with its encoding.
 * @param output must have `maxLength` bytes left from `at` on
 * @returns where the text ends in the output
 */
export function writeEncoded({ encoding, bytes }: EncodableText, output: Buffer, at: number): number {
  switch (encoding) {
    case '7bit':
      return at + bytes.copy(output, at);
    case 'quoted-printable':
      return writeQuotedPrintable(bytes, output, at);
    case 'base64':
      return writeBase64(bytes, output, at);
  }
}

/** No line ends within a character, because some mail clients decode each line for itself. */
function writeQuotedPrintable(bytes: Buffer, output: Buffer, start: number): number {
  let at = start;
  let column = 0;
  for (let from = 0; from < bytes.length; ) {
    const byte = bytes[from] as number;
    // The last column is for the sign that the line goes on.
    if (literals[byte] === 1 && column < maxLine - 1) {
      output[at++] = byte;
      column++;
      from++;
      continue;
    }
    if (byte === carriageReturn) {
      output[at++] = carriageReturn;
      output[at++] = lineFeed;
      column = 0;
      from += 2;
      continue;
    }
    const isLiteral = literals[byte] === 1 || ((byte === blank || byte === tab) && !endsLine(bytes, from + 1));
    const length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    const width = isLiteral ? 1 : 3 * length;
    if (column + width >= maxLine) {
      output[at++] = equalsSign;
      output[at++] = carriageReturn;
      output[at++] = lineFeed;
      column = 0;
    }
    column += width;
    for (const end = from + length; from < end; from++) {
      const written = bytes[from] as number;
      if (isLiteral) {
        output[at++] = written;
        continue;
      }
      output[at++] = equalsSign;
      output[at++] = hexDigits[written >> 4] as number;
      output[at++] = hexDigits[written & 15] as number;
    }
  }
  return at;
}

/** RFC 2045 section 6.7 rule 3: a blank before a line break would be dropped on the way. */
function endsLine(bytes: Buffer, at: number): boolean {
  return at === bytes.length || bytes[at] === carriageReturn;
}

function writeBase64(bytes: Buffer, output: Buffer, start: number): number {
  let at = start;
  for (let from = 0; from < bytes.length; from += base64Line) {
    if (from > 0) at += output.write('\r\n', at, 'latin1');
    at += output.write(bytes.toString('base64', from, from + base64Line), at, 'latin1');
  }
  return at;
}
