import type { Attachment, Mailbox, MailRecord } from '@posthouse/contract';

/** A rendered message, field by field. Nothing of a request is passed through as it came. */
export interface OutgoingMessage {
  /** With angle brackets; the same for every attempt. */
  messageId: string;
  /** The `Date` header: when the mail was due, so that every attempt carries the same message. */
  date: Date;
  from: Mailbox;
  to: Mailbox[];
  cc: Mailbox[];
  replyTo: Mailbox[];
  subject: string;
  html?: string;
  text?: string;
  attachments: Attachment[];
  /** `X-*` and `List-*`. */
  headers: Record<string, string>;
}

/**
 * The message of a mail: the envelope of its record around what it says. Its blind copies are no part of it.
 * @param rendered from a template, or as the caller wrote it
 */
export function outgoingMessage(record: MailRecord, rendered: Pick<OutgoingMessage, 'subject' | 'html' | 'text'>): OutgoingMessage {
  const { messageId, dueAt, envelope, content } = record;
  return {
    messageId,
    date: new Date(dueAt),
    from: envelope.from,
    to: envelope.to,
    cc: envelope.cc,
    replyTo: envelope.replyTo,
    ...rendered,
    attachments: content?.attachments ?? [],
    headers: content?.headers ?? {},
  };
}

/**
 * The message as staging sends it: to one address of ours, with the true recipients in a header.
 * @param recipients the envelope recipients it would have had
 */
export function redirected(message: OutgoingMessage, recipients: readonly string[], to: Mailbox): OutgoingMessage {
  return { ...message, to: [to], cc: [], headers: { ...message.headers, 'X-Posthouse-Recipients': recipients.join(', ') } };
}
