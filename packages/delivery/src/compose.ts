/**
 * Composes a message to MIME bytes. The same message gives the same bytes on every attempt, because its date, its id and its boundaries
 * are fixed. A message without attachments is written in one pass; nodemailer composes the others, and could compose any.
 */
import { addressField, namedField, subjectField } from './header-field.ts';
import { mimeTree } from './mime-tree.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { textMessage } from './text-message.ts';

/** @returns the bytes; of a message that the caller made, those @throws when nodemailer rejects a field */
export async function composeMessage(message: OutgoingMessage): Promise<Buffer> {
  if (message.raw !== undefined) return message.raw;
  return message.attachments.length === 0 ? composeText(message) : await composeTree(message);
}

/** Composes a message without attachments, in one pass. */
export function composeText(message: OutgoingMessage): Buffer {
  const date = message.date.toUTCString().replace('GMT', '+0000');
  return textMessage(message, `${headerBlock(message)}Message-ID: ${message.messageId}\r\nDate: ${date}\r\n`);
}

/** Composes any message, through nodemailer. */
export async function composeTree(message: OutgoingMessage): Promise<Buffer> {
  const node = mimeTree(message);
  node.setHeader('Message-ID', message.messageId);
  node.setHeader('Date', message.date);
  return Buffer.concat([Buffer.from(headerBlock(message)), await node.build()]);
}

/** The headers that people read, and the caller's own with their names as written: nodemailer would change the case of their letters. */
function headerBlock({ from, to, cc, replyTo, subject, headers }: OutgoingMessage): string {
  return [
    addressField('From', [from]),
    addressField('To', to),
    addressField('Cc', cc),
    addressField('Reply-To', replyTo),
    subjectField(subject),
    ...Object.entries({ ...autoSubmitted(headers), ...headers }).map(([name, value]) =>
      isNotAutoSubmitted(name, value) ? '' : namedField(name, value),
    ),
  ].join('');
}

/** RFC 3834: auto-responders do not reply to such mail. */
function autoSubmitted(headers: Record<string, string>): Record<string, string> {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'auto-submitted') ? {} : { 'Auto-Submitted': 'auto-generated' };
}

/** A mail that a person wrote: the value `no` means the same as no header at all (RFC 3834 section 5.2). */
function isNotAutoSubmitted(name: string, value: string): boolean {
  return name.toLowerCase() === 'auto-submitted' && value.toLowerCase() === 'no';
}
