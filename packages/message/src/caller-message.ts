/** A message of a caller's, from its bytes to what is stored and sent of it. */
import type { Mailbox } from '@posthouse/contract';
import type { HeaderField } from './header-block.ts';
import { withoutFields } from './header-changes.ts';
import { type MessageIssue, type MessageSender, readMessage } from './message-reader.ts';

/** A message that may be sent, if its senders may. */
export interface CallerMessage {
  /** Without Bcc and `Posthouse-*`, otherwise as it came. */
  message: Buffer;
  /** The fields that were removed. */
  removed: HeaderField[];
  /** The first address of From. */
  from: Mailbox;
  senders: MessageSender[];
  /** Decoded, for display. */
  subject: string;
  /** With angle brackets; undefined where it has none. */
  messageId: string | undefined;
}

/** Which fields are removed from a message: those that no recipient may see, and those that were meant for us. */
function isRemoved(name: string): boolean {
  return name === 'bcc' || name.startsWith('posthouse-');
}

/** Checks a message and removes what nobody else gets. @returns what is wrong with it, or the message */
export function readCallerMessage(bytes: Buffer): CallerMessage | { issues: MessageIssue[] } {
  const { issues, from, ...read } = readMessage(bytes);
  const [author] = from;
  if (issues.length > 0 || author === undefined) return { issues };
  // Only a header within its limits is read to its end, so that no Bcc is overlooked.
  return { ...read, from: author, ...withoutFields(bytes, isRemoved) };
}
