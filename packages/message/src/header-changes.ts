/** Changes of a message's header. Every other byte stays where it is in its field, and the fields stay in their order. */
import { type HeaderField, readHeader } from './header-block.ts';

/** The message without some fields, and those that were removed. @param isRemoved gets a name in lower case */
export function withoutFields(message: Buffer, isRemoved: (name: string) => boolean): { message: Buffer; removed: HeaderField[] } {
  const removed = readHeader(message).fields.filter(({ name }) => isRemoved(name.toLowerCase()));
  if (removed.length === 0) return { message, removed };
  const kept: Buffer[] = [];
  let from = 0;
  for (const { start, end } of removed) {
    kept.push(message.subarray(from, start));
    from = end;
  }
  return { message: Buffer.concat([...kept, message.subarray(from)]), removed };
}

/** The message with a field before all others, where servers put theirs too. @param value ASCII on one line */
export function withField(message: Buffer, name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from(`${name}: ${value}\r\n`), message]);
}

/** The message with the fields that every message needs (RFC 5322 section 3.6): Date and Message-ID, where it has none of its own. */
export function completeMessage(message: Buffer, { messageId, date }: { messageId: string; date: Date }): Buffer {
  const names = new Set(readHeader(message).fields.map(({ name }) => name.toLowerCase()));
  const dated = names.has('date') ? message : withField(message, 'Date', date.toUTCString().replace('GMT', '+0000'));
  return names.has('message-id') ? dated : withField(dated, 'Message-ID', messageId);
}
