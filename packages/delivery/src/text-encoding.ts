/** Transfer encodings of a text (RFC 2045 section 6): how its bytes become lines that every relay passes on unchanged. */
import { Scratch } from './scratch.ts';

/** As it is, or encoded. */
export type TransferEncoding = '7bit' | 'quoted-printable' | 'base64';

/** A text that was written. */
export interface EncodedText {
  encoding: TransferEncoding;
  /** Where it ends in the output. */
  end: number;
}

/** RFC 2045 sections 6.7 and 6.8: the longest line of an encoded text, without CRLF. */
const maxLine = 76;

/** Quoted-printable may be that much longer than base64: people and filters that read the source can read it. */
const maxLengthRatio = 1.5;

/** UTF-8 takes at most this many bytes for a unit of UTF-16. */
const maxUtf8 = 3;

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blank = 0x20;
const dot = 0x2e;
const equalsSign = 0x3d;

const hexDigits = Buffer.from('0123456789ABCDEF');

/** By byte: 1 for one that quoted-printable leaves as it is. A blank at the end of a line and a dot at its beginning are exceptions. */
const literals = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte === tab || (byte >= blank && byte < 0x7f && byte !== equalsSign)),
);

/** The UTF-8 of the text that is being encoded. */
const utf8 = new Scratch();

/** Makes each line break CRLF: a bare one would be read differently by different servers. */
export function withLineEnds(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}

/** How many bytes a text has with any encoding, at most. */
export function maxEncodedLength(text: string): number {
  // Three bytes for each byte of UTF-8, and a line is ended early where the next character, of 12 columns at most, does not fit.
  return Math.ceil(text.length * maxUtf8 * 3 * (1 + 3 / (maxLine - 12))) + maxLine;
}

/**
 * Writes a text: as it is where it is ASCII in short lines, in quoted-printable where that is not much longer than base64, else in base64.
 * Its line breaks become CRLF. No line begins with a dot, which would have to be sent twice.
 * @param output must have `maxEncodedLength` bytes left from `start` on
 */
export function writeText(text: string, output: Buffer, start: number): EncodedText {
  if (isPlain(text)) return { encoding: '7bit', end: start + output.write(withLineEnds(text), start, 'latin1') };
  const input = utf8.atLeast(text.length * maxUtf8);
  const bytes = input.subarray(0, input.write(text));
  const end = writeQuotedPrintable(bytes, output, start);
  if (end - start <= maxLengthRatio * base64Length(bytes.length)) return { encoding: 'quoted-printable', end };
  return { encoding: 'base64', end: writeBase64(withLineEnds(text), output, start) };
}

/** Whether a text is ASCII, without control characters, in short lines of which none begins with a dot. */
function isPlain(text: string): boolean {
  for (let start = 0; start < text.length; ) {
    if (text.charCodeAt(start) === dot) return false;
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    if (end - start > maxLine) return false;
    start = end + 1;
  }
  // A bare CR begins a line, too.
  return !/[^\t\r\n -~]|\r\./.test(text);
}

/** No line ends within a character, because some mail clients decode each line for itself. */
function writeQuotedPrintable(bytes: Buffer, output: Buffer, start: number): number {
  const { length } = bytes;
  const [source, target] = [viewOf(bytes), viewOf(output)];
  let at = start;
  let lineStart = start;
  for (let from = 0; from < length; ) {
    // Nearly every byte. The last column is for the sign that the line goes on.
    const runEnd = Math.min(length, from + maxLine - 1 - (at - lineStart));
    if (at > lineStart || bytes[from] !== dot) {
      for (; from + 4 <= runEnd; from += 4, at += 4) {
        const four = source.getInt32(from);
        if (!areLiteral(four)) break;
        target.setInt32(at, four);
      }
      for (; from < runEnd && literals[bytes[from] as number] === 1; from++, at++) output[at] = bytes[from] as number;
      if (from === length) break;
    }
    const byte = bytes[from] as number;
    if (byte === lineFeed || byte === carriageReturn) {
      at = withVisibleEnd(output, lineStart, at);
      output[at++] = carriageReturn;
      output[at++] = lineFeed;
      lineStart = at;
      from += byte === carriageReturn && bytes[from + 1] === lineFeed ? 2 : 1;
      continue;
    }
    const units = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (at - lineStart + 3 * units >= maxLine) {
      at = writeSoftBreak(output, at);
      lineStart = at;
      continue;
    }
    for (const end = from + units; from < end; from++) at = writeEscaped(bytes[from] as number, output, at);
  }
  return withVisibleEnd(output, lineStart, at);
}

/** For reading and writing four bytes at a time. */
function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/**
 * Whether quoted-printable leaves each of four bytes as it is; false for a tab, too. The terms set the highest bit of a byte that is below a
 * blank, above `~`, or an equals sign. Besides, they may set it in the byte next to such a one.
 */
function areLiteral(four: number): boolean {
  const highest = (four - 0x20202020) | (four + 0x01010101) | ((four ^ 0x3d3d3d3d) - 0x01010101);
  return (highest & 0x80808080) === 0;
}

/** RFC 2045 section 6.7 rule 3: a blank before a line break would be dropped on the way. */
function withVisibleEnd(output: Buffer, lineStart: number, at: number): number {
  const last = output[at - 1] as number;
  if (at === lineStart || (last !== blank && last !== tab)) return at;
  return writeEscaped(last, output, at + 2 - lineStart <= maxLine ? at - 1 : writeSoftBreak(output, at - 1));
}

function writeSoftBreak(output: Buffer, at: number): number {
  output[at] = equalsSign;
  output[at + 1] = carriageReturn;
  output[at + 2] = lineFeed;
  return at + 3;
}

function writeEscaped(byte: number, output: Buffer, at: number): number {
  output[at] = equalsSign;
  output[at + 1] = hexDigits[byte >> 4] as number;
  output[at + 2] = hexDigits[byte & 15] as number;
  return at + 3;
}

/** Without the line breaks. */
function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function writeBase64(text: string, output: Buffer, start: number): number {
  const encoded = Buffer.from(text).toString('base64');
  let at = start;
  for (let from = 0; from < encoded.length; from += maxLine) {
    if (from > 0) at += output.write('\r\n', at, 'latin1');
    at += output.write(encoded.slice(from, from + maxLine), at, 'latin1');
  }
  return at;
}
