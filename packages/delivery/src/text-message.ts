/** Messages without attachments, written to one Buffer in one pass: nodemailer's streams take many times as long for the same message. */
import type { OutgoingMessage } from './outgoing-message.ts';
import { type EncodableText, encodable, writeEncoded } from './text-encoding.ts';

/** A part of the message, or all of it. */
interface TextPart {
  /** With an empty line at its end. */
  header: string;
  text: EncodableText;
}

/**
 * Composes a message of a text, an HTML text or both as alternatives (RFC 2046 section 5.1.4).
 * @param headers the headers of the message, but for those of MIME
 */
export function textMessage(message: Pick<OutgoingMessage, 'messageId' | 'text' | 'html'>, headers: string): Buffer {
  const { html, text } = message;
  const parts = [...(text || !html ? [textPart('plain', text ?? '')] : []), ...(html ? [textPart('html', html)] : [])];
  const mime = `${headers}MIME-Version: 1.0\r\n`;
  const boundary = boundaryOf(message.messageId);
  const isMultipart = parts.length > 1;
  const start = isMultipart ? `${mime}Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n\r\n` : mime;
  const before = isMultipart ? `--${boundary}\r\n` : '';
  const end = isMultipart ? `--${boundary}--\r\n` : '';

  const length = parts.reduce(
    (sum, { header, text }) => sum + before.length + header.length + text.maxLength + 2,
    Buffer.byteLength(start) + end.length,
  );
  const output = Buffer.allocUnsafe(length);
  let at = output.write(start);
  for (const part of parts) {
    at += output.write(before + part.header, at, 'latin1');
    at = writeEncoded(part.text, output, at);
    if (isMultipart || output[at - 1] !== 0x0a) at += output.write('\r\n', at, 'latin1');
  }
  at += output.write(end, at, 'latin1');
  return output.subarray(0, at);
}

/** The same on every attempt. No text has it: the id of a mail is unknown until the mail is accepted. */
function boundaryOf(messageId: string): string {
  return `--_NmP-${messageId.slice(1, messageId.lastIndexOf('@'))}-Part_1`;
}

function textPart(type: 'plain' | 'html', text: string): TextPart {
  const encoded = encodable(text);
  return { header: `Content-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoded.encoding}\r\n\r\n`, text: encoded };
}
