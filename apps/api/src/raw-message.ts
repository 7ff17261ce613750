/** `content.raw`: a message that the caller made, checked by packages/message. */
import type { IssueList, Mail, MailContent } from '@posthouse/contract';
import { type CallerMessage, readCallerMessage } from '@posthouse/message';

/** What of a mail comes from its message. */
export interface RawMessage extends Pick<CallerMessage, 'from' | 'senders' | 'messageId'> {
  content: NonNullable<MailContent['raw']>;
}

/** What is in the message itself. An empty list or object says nothing. */
const inMessage = ['cc', 'bcc', 'replyTo', 'attachments', 'headers', 'data', 'locale'] as const;

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
  const read = readCallerMessage(Buffer.from(encoded, 'base64'));
  if ('issues' in read) {
    for (const { message: text, code } of read.issues) issues.add('/content/raw', text, code);
    return undefined;
  }
  const { message, subject, ...rest } = read;
  return { ...rest, content: { subject, message: message.toString('base64') } };
}
