/** Encoded words (RFC 2047) as text: what is shown of a message, and the options in its header. */

const word = /=\?([^?\s]+)\?([BbQq])\?([^?\s]*)\?=/g;
const words = /=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=(?:[ \t]*=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=)*/g;

/** The value of a field as one line of text; control characters become blanks. @param maxLength of the text, in code points */
export function decodeText(value: string, maxLength: number): string {
  // Blanks between two encoded words are not text (RFC 2047 section 6.2).
  const decoded = value
    .replace(words, decodeWords)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .toWellFormed()
    .trim();
  return [...decoded].slice(0, maxLength).join('');
}

/** Words of the same charset are decoded together: some programs split a character between two of them. */
function decodeWords(run: string): string {
  const runs: { charset: string; bytes: Buffer[] }[] = [];
  for (const [, label = '', encoding, text = ''] of run.matchAll(word)) {
    // RFC 2231 section 5: a language may follow the charset.
    const charset = (label.split('*')[0] as string).toLowerCase();
    const bytes = encoding?.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : fromQ(text);
    if (runs.at(-1)?.charset === charset) runs.at(-1)?.bytes.push(bytes);
    else runs.push({ charset, bytes: [bytes] });
  }
  return runs.map(({ charset, bytes }) => decode(Buffer.concat(bytes), charset)).join('');
}

function fromQ(text: string): Buffer {
  const latin1 = text.replaceAll('_', ' ').replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}

function decode(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // An unknown charset: what is ASCII in it can be read.
    return bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
  }
}
