import type { MailRecord } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { outgoingMessage, redirected } from '../src/outgoing-message.ts';
import { sampleMessage } from './sample-message.ts';

const envelope = {
  from: { name: 'Posthouse', address: 'hello@example.com' },
  to: [{ address: 'anne@example.org' }],
  cc: [{ address: 'bo@example.org' }],
  bcc: [{ address: 'dan@example.org' }],
  replyTo: [{ address: 'help@example.com' }],
};
const attachments = [{ filename: 'a.txt', content: 'YQ==' }];

/** A record with only the fields that a message is built from. */
function record(change: Partial<MailRecord> = {}): MailRecord {
  const content = { attachments, headers: { 'X-Order': '7' } };
  return { messageId: '<1@example.com>', createdAt: 1, dueAt: 2, envelope, content, ...change } as MailRecord;
}

test('a message has the envelope and the content of its record, without the bcc recipients', () => {
  expect(outgoingMessage(record(), { subject: 'Hi', text: 'Anne' })).toEqual({
    messageId: '<1@example.com>',
    date: new Date(2),
    from: envelope.from,
    to: envelope.to,
    cc: envelope.cc,
    replyTo: envelope.replyTo,
    subject: 'Hi',
    text: 'Anne',
    attachments,
    headers: { 'X-Order': '7' },
  });
});

test('a raw message is redirected with its recipients in a header of its own, in lines that are short enough', () => {
  const recipients = Array.from({ length: 50 }, (_, n) => `reader-${n}-${'x'.repeat(200)}@example.org`);
  const raw = Buffer.from('To: anne@example.org\r\n\r\nHi\r\n');
  const { to, raw: sent = Buffer.of() } = redirected(sampleMessage({ raw }), recipients, { address: 'dev@localhost' });
  expect(to).toEqual([{ address: 'dev@localhost' }]);
  const lines = sent.toString().split('\r\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(998);
  expect(lines.join('\r\n')).toBe(`X-Posthouse-Recipients: ${recipients.join(',\r\n ')}\r\n${raw}`);
});

test('a redirected message names its recipients in one header, whatever header the caller set', () => {
  const message = outgoingMessage(record({ content: { attachments, headers: { 'x-posthouse-recipients': 'x', 'X-Order': '7' } } }), {
    subject: 'Hi',
  });
  expect(redirected(message, ['anne@example.org', 'bo@example.org'], { address: 'dev@localhost' })).toMatchObject({
    to: [{ address: 'dev@localhost' }],
    cc: [],
    headers: { 'X-Order': '7', 'X-Posthouse-Recipients': 'anne@example.org, bo@example.org' },
  });
});
