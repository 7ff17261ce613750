import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dotStuffed, endOfMessage } from '../src/dot-stuffing.ts';

/** What is sent, where the message is cut into blocks of that many bytes. */
function sent(message: Buffer, blockBytes: number): string {
  const blocks: Buffer[] = [];
  for (let at = 0; at < message.length; at += blockBytes) blocks.push(dotStuffed(message, at, Math.min(at + blockBytes, message.length)));
  return Buffer.concat([...blocks, endOfMessage(message)]).toString('latin1');
}

/** What a server takes out of it (RFC 5321 section 4.5.2). */
const received = (bytes: string) => bytes.replace(/(^|\r\n)\./g, '$1').slice(0, -2);

it('a server receives the message, with CRLF as its only line breaks, wherever it is cut', () => {
  const pieces = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    '.',
    '..',
    '\r\n.\r\n',
    '\n.\n',
    '\r.\r',
    '\n.\r\n',
    'a',
    '\u00e9\u0000',
    'b'.repeat(9),
  );
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 20 }), (parts, blockBytes) => {
      const message = Buffer.from(parts.join(''), 'latin1');
      const bytes = sent(message, blockBytes);
      expect(bytes).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
      expect(`\r\n${bytes}`.indexOf('\r\n.\r\n')).toBe(bytes.length - 3);
      const written = message.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
      expect(received(bytes)).toBe(written.endsWith('\r\n') ? written : `${written}\r\n`);
    }),
    { numRuns: 1000 },
  );
});

it('a block in which nothing has to be inserted is not copied', () => {
  const message = Buffer.from('a.b\r\nc.\r\n');
  expect(dotStuffed(message, 0, message.length).buffer).toBe(message.buffer);
});
