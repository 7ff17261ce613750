/** Messages without attachments, written in one pass: nodemailer's streams take many times as long for the same message. */
import { withoutDotLines } from './dot-stuffing.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { Scratch } from './scratch.ts';
import { maxEncodedLength, type TransferEncoding, writeText } from './text-encoding.ts';

/** More than the headers of all parts and what is between them take. */
const maxPartHeaders = 1024;

/** The message that is being written. */
const scratch = new Scratch();

/**
 * Composes a message of a text, an HTML text or both as alternatives (RFC 2046 section 5.1.4).
 * @param headers the headers of the message, but for those of MIME
 */
export function textMessage(message: Pick<OutgoingMessage, 'messageId' | 'text' | 'html'>, headers: string): Buffer {
  const { html, text } = message;
  const parts = [...(text || !html ? [{ type: 'plain', text: text ?? '' }] : []), ...(html ? [{ type: 'html', text: html }] : [])];
  const mime = `${headers}MIME-Version: 1.0\r\n`;
  const boundary = boundaryOf(message.messageId);
  const isMultipart = parts.length > 1;
  const start = isMultipart ? `${mime}Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n\r\n` : mime;
  const before = isMultipart ? `--${boundary}\r\n` : '';

  const length = parts.reduce((sum, part) => sum + maxEncodedLength(part.text), Buffer.byteLength(start) + maxPartHeaders);
  const output = scratch.atLeast(length);
  let at = output.write(start);
  for (const part of parts) {
    at = writePart(part, before, output, at);
    if (isMultipart || output[at - 1] !== 0x0a) at += output.write('\r\n', at, 'latin1');
  }
  if (isMultipart) at += output.write(`--${boundary}--\r\n`, at, 'latin1');
  const bytes = Buffer.allocUnsafeSlow(at);
  output.copy(bytes, 0, 0, at);
  return start.includes('\n.') ? bytes : withoutDotLines(bytes);
}

/** The same on every attempt. No text has it: the id of a mail is unknown until the mail is accepted. */
function boundaryOf(messageId: string): string {
  return `--_NmP-${messageId.slice(1, messageId.lastIndexOf('@'))}-Part_1`;
}

/** The encoding is known when the text is written: the text is moved to the end of its header then. */
function writePart({ type, text }: { type: string; text: string }, before: string, output: Buffer, start: number): number {
  const header = (encoding: TransferEncoding) =>
    `${before}Content-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  const textAt = start + header('quoted-printable').length;
  const { encoding, end } = writeText(text, output, textAt);
  const headerEnd = start + output.write(header(encoding), start, 'latin1');
  if (headerEnd < textAt) output.copyWithin(headerEnd, textAt, end);
  return headerEnd + end - textAt;
}
