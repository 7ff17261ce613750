/**
 * A message that a caller made: bytes (RFC 5322) with a header and a body. The header is checked, read and changed field by field; the body
 * is checked line by line, never parsed and never changed.
 */
export { type CallerMessage, readCallerMessage } from './caller-message.ts';
export { decodeText } from './encoded-words.ts';
export { type HeaderField, withoutOuterBlanks } from './header-block.ts';
export { completeMessage, withField, withoutFields } from './header-changes.ts';
export type { MessageIssue, MessageSender } from './message-reader.ts';
