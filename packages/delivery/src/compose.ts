/**
 * Composes a message to MIME bytes: one function from message to Buffer, so that a faster composer can replace it. The same message
 * gives the same bytes on every attempt, because its date, its id and its boundaries are fixed.
 */
import MailComposer from 'nodemailer/lib/mail-composer';
import type { OutgoingMessage } from './outgoing-message.ts';

/** @throws when nodemailer rejects a field */
export async function composeMessage(message: OutgoingMessage): Promise<Buffer> {
  const node = new MailComposer({
    messageId: message.messageId,
    date: message.date,
    from: message.from,
    to: message.to,
    cc: message.cc,
    replyTo: message.replyTo,
    subject: message.subject,
    html: message.html,
    text: message.text,
    attachments: message.attachments.map((attachment) => ({
      filename: attachment.filename,
      content: Buffer.from(attachment.content, 'base64'),
      contentType: attachment.contentType,
      ...(attachment.cid !== undefined && { cid: attachment.cid, contentDisposition: 'inline' as const }),
    })),
    // RFC 3834: auto-responders do not reply to such mail.
    headers: { ...message.headers, 'Auto-Submitted': 'auto-generated' },
    baseBoundary: message.messageId.slice(1, message.messageId.lastIndexOf('@')),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return await new Promise((resolve, reject) => {
    node.build((error, bytes) => (error ? reject(error) : resolve(bytes as Buffer)));
  });
}
