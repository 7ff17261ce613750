import type { MailRecord } from '@posthouse/contract';
import { expect, test } from 'vitest';
import { outgoingMessage, redirected } from '../src/outgoing-message.ts';

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
