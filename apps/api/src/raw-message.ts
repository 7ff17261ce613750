/** `content.raw`: a message that the caller made, checked by packages/message. */
import type { IssueList, Mail, Mailbox, MailContent } from '@posthouse/contract';
import { readMessage, withoutFields } from '@posthouse/message';

/** What of a mail comes from its message. */
export interface RawMessage {
  content: NonNullable<MailContent['raw']>;
  /** Every address of From. */
  from: Mailbox[];
  messageId: string | undefined;
}

/** What is in the message itself. An empty list or object says nothing. */
const inMessage = ['cc', 'bcc', 'replyTo', 'attachments', 'headers', 'data', 'locale'] as const;

/** Which fields are removed from a message: those that no recipient may see, and those that were meant for us. */
function isRemoved(name: string): boolean {
  return name === 'bcc' || name.startsWith('posthouse-');
}

/**
 * Reads the message of a mail.
 * @param encoded `content.raw`
 * @returns undefined where it has issues
 */
export function readRaw(mail: Mail, encoded: string, issues: IssueList): RawMessage | undefined {
  const conflicts = inMessage.filter((field) => Object.keys(mail[field] ?? {}).length > 0);
  for (const field of conflicts)
    issues.add(`/${field}`, 'cannot be combined with `content.raw`: the message has it, and `to` has the recipients', 'conflict');
  for (const field of ['subject', 'html', 'text'] as const) {
    if (mail.content?.[field] !== undefined)
      issues.add(`/content/${field}`, 'cannot be combined with `raw`, which is a whole message', 'conflict');
  }
  const bytes = Buffer.from(encoded, 'base64');
  const { issues: found, from, subject, messageId } = readMessage(bytes);
  for (const { message: text, code } of found) issues.add('/content/raw', text, code);
  if (found.length > 0) return undefined;
  // Only a header within its limits is read to its end, so that no Bcc is overlooked.
  const { message } = withoutFields(bytes, isRemoved);
  return { content: { subject, message: message.toString('base64') }, from, messageId };
}
