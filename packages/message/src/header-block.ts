/** The header of a message as fields: where each begins and ends in the bytes, its name and its value. */
import { limits } from '@posthouse/contract';

/** One field, with the lines that it is folded into. */
export interface HeaderField {
  /** As it is written. */
  name: string;
  /** Unfolded (RFC 5322 section 2.2.3), without blanks at its ends. Bytes that are not ASCII are UTF-8 (RFC 6532). */
  value: string;
  /** Offset of its first byte. */
  start: number;
  /** Offset behind its last byte, line break included. */
  end: number;
}

/** The header of a message: its fields, and where it ends. */
export interface HeaderBlock {
  fields: HeaderField[];
  /** Offset behind the fields: of the empty line before the body, or of the end. */
  end: number;
  /** The number of the first line that is neither a field nor the continuation of one; it ends the header. */
  brokenLine?: number;
}

const [tab, lineFeed, carriageReturn, blank] = [0x09, 0x0a, 0x0d, 0x20];

/** Reads the header of a message whose lines end with CRLF; of one beyond `limits.rawHeader` only as much as shows that. */
export function readHeader(message: Buffer): HeaderBlock {
  const fields: HeaderField[] = [];
  const unfolded: Buffer[][] = [];
  let start = 0;
  for (let line = 1; start < message.length; line++) {
    if (start > limits.rawHeader.bytes || fields.length > limits.rawHeader.fields) break;
    const lineBreak = message.indexOf(lineFeed, start);
    const end = lineBreak === -1 ? message.length : lineBreak + 1;
    if (message[start] === carriageReturn && message[start + 1] === lineFeed) break;
    const text = message.subarray(start, end);
    const field = fields.at(-1);
    if (field !== undefined && (text[0] === blank || text[0] === tab)) {
      field.end = end;
      unfolded.at(-1)?.push(text);
    } else {
      // RFC 5322 section 2.2: printable ASCII without the colon. A blank before the colon is obsolete, and hides the field from some readers.
      const name = /^[!-9;-~]+(?=:)/.exec(text.subarray(0, 100).toString('latin1'))?.[0];
      if (name === undefined) return finished(fields, unfolded, { end: start, brokenLine: line });
      fields.push({ name, value: '', start, end });
      unfolded.push([text.subarray(name.length + 1)]);
    }
    start = end;
  }
  return finished(fields, unfolded, { end: start });
}

function finished(fields: HeaderField[], unfolded: readonly Buffer[][], rest: Omit<HeaderBlock, 'fields'>): HeaderBlock {
  for (const [n, lines] of unfolded.entries()) {
    (fields[n] as HeaderField).value = withoutOuterBlanks(Buffer.concat(lines).toString().replaceAll('\r\n', ''));
  }
  return { fields, ...rest };
}

/**
 * A value without the blanks around it, which are no part of it. A regular expression for blanks at the end looks at a run of them once for
 * each of them: for 100 KB of blanks that takes minutes.
 */
export function withoutOuterBlanks(value: string): string {
  const isBlank = (index: number) => value[index] === ' ' || value[index] === '\t';
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return value.slice(start, end);
}
