/** The message of a mail as fields, before it is composed to bytes. */
import type { Attachment, Mailbox, MailRecord } from '@posthouse/contract';
import { completeMessage, withField } from '@posthouse/message';

/** A rendered message, field by field. Nothing of a request is passed through unchecked. */
export interface OutgoingMessage {
  /** With angle brackets; the same on every attempt. */
  messageId: string;
  /** The `Date` header: when the mail was due, so that every attempt sends the same message. */
  date: Date;
  from: Mailbox;
  to: Mailbox[];
  cc: Mailbox[];
  replyTo: Mailbox[];
  subject: string;
  html?: string | undefined;
  text?: string | undefined;
  attachments: Attachment[];
  /** Of the caller; checked at acceptance. The names are written as they are. */
  headers: Record<string, string>;
  /** The message itself, where the caller made it: then nothing is composed of the other fields. */
  raw?: Buffer;
  /** The envelope sender where it is not `from`: an address, or '' for none. */
  returnPath?: string;
}

/**
 * Builds the message from a mail's record and its rendered content. Bcc recipients are not in it.
 * @param rendered from a template, or the caller's own content
 */
export function outgoingMessage(record: MailRecord, rendered: Pick<OutgoingMessage, 'subject' | 'html' | 'text'>): OutgoingMessage {
  const { messageId, dueAt, envelope, content } = record;
  const date = new Date(dueAt);
  const { returnPath } = envelope;
  return {
    messageId,
    date,
    from: envelope.from,
    to: envelope.to,
    cc: envelope.cc,
    replyTo: envelope.replyTo,
    ...rendered,
    attachments: content?.attachments ?? [],
    headers: content?.headers ?? {},
    ...(content?.raw !== undefined && { raw: completeMessage(Buffer.from(content.raw.message, 'base64'), { messageId, date }) }),
    ...(returnPath !== undefined && { returnPath: returnPath === '<>' ? '' : returnPath }),
  };
}

/**
 * The message redirected to one address, as outside production, with the real recipients in a header.
 * @param recipients the envelope recipients that it would have had
 */
export function redirected(message: OutgoingMessage, recipients: readonly string[], to: Mailbox): OutgoingMessage {
  const name = 'X-Posthouse-Recipients';
  if (message.raw !== undefined) return { ...message, to: [to], cc: [], raw: withField(message.raw, name, foldedList(recipients)) };
  const headers = Object.entries(message.headers).filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...message, to: [to], cc: [], headers: { ...Object.fromEntries(headers), [name]: recipients.join(', ') } };
}

/**
 * Lets go of the texts of a message that is composed. Mails wait for a connection and for replies, and what they hold meanwhile is copied by
 * the garbage collector again and again.
 */
export function releaseTexts(message: OutgoingMessage): void {
  message.html = undefined;
  message.text = undefined;
}

/** As the value of a field, in lines that are short enough. */
function foldedList(addresses: readonly string[]): string {
  return addresses.join(',\r\n ');
}
