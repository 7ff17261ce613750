/** What holds for the message of every mail that the API accepts. */
import { checker, type Mailbox, parseMailbox } from '@posthouse/contract';
import { MailSchema } from '@posthouse/contract/mail-schema';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import PostalMime, { decodeWords } from 'postal-mime';
import { expect, test } from 'vitest';
import { composeMessage, composeText, composeTree } from '../src/compose.ts';
import { dotStuffed } from '../src/dot-stuffing.ts';
import type { OutgoingMessage } from '../src/outgoing-message.ts';
import { quotedAddress } from '../src/smtp-address.ts';
import { sampleMessage } from './sample-message.ts';

const accepts = checker(MailSchema);

/** Words that a line cannot hold, runs of blanks, and what means something in a header. */
const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(' ', '  ', '"', '\\', ',', ';', ':', '<', '>', '(', '@', '=', '?', '.', '\u00a0', '\u3000') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('=?utf-8?Q?a?=', '=?utf-8?B?', '=?', '?=', '가', '\u0301', '👩‍👩‍👧', '\u202e', '{"a": "b"}', "utf-8''%41"),
  },
  { weight: 1, arbitrary: fc.nat(1000).map((length) => 'a'.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(1000).map((length) => ' '.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(300).map((length) => '가'.repeat(length)) },
);
const text = (maxLength: number) =>
  fc
    .array(fragment, { minLength: 1, maxLength: 8 })
    .map((parts) => [...parts.join('')].slice(0, maxLength).join(''))
    .filter((joined) => joined.trim() !== '');

const mailbox = fc.record({
  name: text(128),
  address: fc.constantFrom('anne@example.org', 'a..b@docomo.ne.jp', 'a.@docomo.ne.jp', '안네@example.org', `${'a'.repeat(64)}@example.org`),
});
const headers = fc.dictionary(
  fc.constantFrom('X-Order', 'x-SMTPAPI', 'List-Unsubscribe', 'Organization', `X-${'a'.repeat(60)}`),
  text(998),
  { maxKeys: 3 },
);
/** No line of it has only blanks, so that such a line can only be one of a header. */
const body = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).map((written) => written.replace(/^[ \t]+$/gm, 'a'));
const mail = fc.record({
  to: fc.array(mailbox, { minLength: 1, maxLength: 4 }),
  cc: fc.array(mailbox, { minLength: 1, maxLength: 2 }),
  content: fc.record({ subject: text(998), text: body }),
  headers,
  attachments: fc.array(fc.record({ filename: text(255), content: fc.constant('YQ==') }), { maxLength: 2 }),
});

/** Lines of a body: dots, blanks and NUL where they mean something, halves of characters, what looks encoded, and every line break. */
const lines = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fragment },
      {
        weight: 2,
        arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\n.\n', '\r.\r', '\n.\r\n', '\r\n.\r\n', '\r\n..', ' \n', '\t\r\n', '\u2028'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '.',
          '=',
          '=3D',
          '=\r\n',
          '\0',
          '\u0001',
          '\u007f',
          '\ud83d',
          '\udc69',
          '\u202e\u05d0',
          '--',
          'From ',
          'a'.repeat(75),
          '가나',
        ),
      },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const message = fc.record({
  from: mailbox,
  to: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
  subject: text(300),
  text: fc.option(lines, { nil: undefined }),
  html: fc.option(lines, { nil: undefined }),
  headers,
});

/** A value as a receiver can show it: blanks around it are no part of it. */
const trimmed = (value: string | undefined) => (value ?? '').replace(/^ +| +$/g, '');

function messageOf({
  to,
  cc,
  content,
  headers,
  attachments,
}: typeof mail extends fc.Arbitrary<infer Mail> ? Mail : never): OutgoingMessage {
  const { subject, text } = content;
  const mailboxes = (list: typeof to) => list.flatMap((written) => parseMailbox(written) ?? []);
  return sampleMessage({ subject, text, html: '<p>안녕</p>', to: mailboxes(to), cc: mailboxes(cc), headers, attachments });
}

/** postal-mime keeps the quotes of a local part. */
const asParsed = ({ name = '', address }: Mailbox) => ({ name, address: quotedAddress(address) });

/** The fields of a header block, unfolded. */
function fieldsOf(bytes: Buffer): Map<string, string> {
  const block = bytes.toString('utf8', 0, bytes.indexOf('\r\n\r\n'));
  const fields = block.replaceAll('\r\n ', ' ').split('\r\n');
  return new Map(fields.map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 2)]));
}

test('no line is too long, empty or broken, and a parser finds what was sent', async () => {
  await fc.assert(
    fc.asyncProperty(mail, async (written) => {
      fc.pre(accepts(written).length === 0);
      const message = messageOf(written);
      const bytes = await composeMessage(message);

      const raw = bytes.toString('latin1');
      expect(raw).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
      expect(raw.split('\r\n').filter((line) => line.length > 998)).toEqual([]);
      expect(raw).not.toMatch(/\r\n[ \t]+\r\n/);

      const parsed = await PostalMime.parse(bytes);
      expect(trimmed(parsed.subject)).toBe(trimmed(message.subject));
      expect(parsed.to).toEqual(message.to.map(asParsed));
      expect(parsed.cc).toEqual(message.cc.map(asParsed));
      // postal-mime takes a file name for encoded words even where it was written as something else.
      expect(parsed.attachments.map(({ filename }) => filename)).toEqual(message.attachments.map(({ filename }) => decodeWords(filename)));
      const fields = fieldsOf(bytes);
      for (const [name, value] of Object.entries(message.headers)) {
        const isAscii = /^[ -~]*$/.test(value) && !/[^ ]{998}/.test(value);
        const field = fields.get(name);
        expect(isAscii ? field : decodeWords(field ?? '')).toBe(trimmed(value));
      }
    }),
    { numRuns: 200 },
  );
});

/** A text as it can be sent: half of a character is none, and a line ends with CRLF. */
const asSent = (written: string) =>
  Buffer.from(written)
    .toString()
    .replace(/\r\n|\r|\n/g, '\r\n');

/** What a parser found; at the end of a text it may have left out or added a line break. */
const asFound = (found: string | false | undefined) => (found || '').replace(/\r?\n/g, '\r\n').replace(/(?:\r\n)+$/, '');

async function parsedBy(bytes: Buffer) {
  const { headers, headerLines, ...first } = await PostalMime.parse(bytes);
  const second = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true });
  const { from, to, cc, subject, messageId, date } = second;
  return {
    first: { ...first, text: asFound(first.text), html: asFound(first.html) },
    second: { text: asFound(second.text), html: asFound(second.html), from, to, cc, subject, messageId, date },
  };
}

test('a message without attachments says the same in one pass and through nodemailer', async () => {
  await fc.assert(
    fc.asyncProperty(message, async ({ from, to, subject, text, html, headers }) => {
      const mailboxes = (list: typeof to) => list.flatMap((written) => parseMailbox(written) ?? []);
      const [sender, ...recipients] = mailboxes([from, ...to]);
      fc.pre(sender !== undefined && recipients.length === to.length);
      const written = {
        ...sampleMessage({ from: sender, to: recipients, subject, headers }),
        text: text as string,
        html: html as string,
      };
      const bytes = composeText(written);
      const [one, other] = [await parsedBy(bytes), await parsedBy(await composeTree(written))];
      expect(one).toEqual(other);
      expect(one.second).toMatchObject({ text: asFound(asSent(text ?? '')), html: asFound(asSent(html ?? '')) });
      expect(one.first).toMatchObject({ text: one.second.text, html: one.second.html });

      const raw = bytes.toString('latin1');
      const body = raw.slice(raw.indexOf('\r\n\r\n'));
      expect(raw).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
      expect(raw.endsWith('\r\n')).toBe(true);
      expect(raw.split('\r\n').filter((line) => line.length > 998)).toEqual([]);
      expect(body.split('\r\n').filter((line) => line.length > 76)).toEqual([]);
      expect(body).toMatch(/^[\t\r\n -~]*$/);
      // What is noted of the message is true: searched, a copy of it needs nothing inserted either.
      expect(dotStuffed(bytes, 0, bytes.length)).toEqual(dotStuffed(Buffer.from(bytes), 0, bytes.length));
    }),
    { numRuns: 100 },
  );
});
