import { expect, test } from 'vitest';
import { addressText, attachmentText, viewMessage } from '../src/message-view.ts';

/** A message from its lines. */
function raw(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}

const korean = raw(
  'From: =?UTF-8?B?7Jik64qY7J2AIOuEiOuEpOynkQ==?= <hello@example.com>',
  'To: "Kim, Anne" <anne@example.com>, bo@example.com',
  'Cc: Team: c@example.com, Dee <d@example.com>;',
  'Reply-To: help@example.com',
  'Subject: Your House =?UTF-8?B?VG9kYXnsl5Ag6rCA7J6F7ZW07KO87IWU7IScIA==?=',
  ' =?UTF-8?B?6rCQ7IKs7ZWp64uI64ukIQ==?=',
  'Date: Tue, 03 Mar 2026 09:00:00 +0900',
  'Message-ID: <1@example.com>',
  'X-Note: =?UTF-8?Q?caf=C3=A9?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=outer',
  '',
  '--outer',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('안녕하세요').toString('base64'),
  '--inner',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<p class=3D"a">=EC=95=88=EB=85=95</p>',
  '--inner--',
  '--outer',
  'Content-Type: application/pdf',
  "Content-Disposition: attachment; filename*=UTF-8''%EC%98%81%EC%88%98%EC%A6%9D.pdf",
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('%PDF-').toString('base64'),
  '--outer',
  'Content-Type: image/png',
  'Content-ID: <logo@example.com>',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from([1, 2, 3]).toString('base64'),
  '--outer--',
  '',
);

test('headers are decoded', async () => {
  const view = await viewMessage(korean);
  expect(view).toMatchObject({
    subject: 'Your House Today에 가입해주셔서 감사합니다!',
    from: { name: '오늘은 너네집', address: 'hello@example.com' },
    to: [{ name: 'Kim, Anne', address: 'anne@example.com' }, { address: 'bo@example.com' }],
    cc: [{ address: 'c@example.com' }, { name: 'Dee', address: 'd@example.com' }],
    replyTo: [{ address: 'help@example.com' }],
    date: '2026-03-03T00:00:00.000Z',
    messageId: '<1@example.com>',
  });
  expect(view.headers).toContainEqual({ name: 'X-Note', value: 'café' });
  expect(view.headers.map(({ name }) => name).slice(0, 3)).toEqual(['From', 'To', 'Cc']);
});

test('text, HTML and source are available', async () => {
  const view = await viewMessage(korean);
  expect(view.text).toBe('안녕하세요');
  expect(view.html).toBe('<p class="a">안녕</p>\n');
  expect(view.source).toBe(korean.toString());
});

test('attachments are listed, and their content is available by index', async () => {
  const view = await viewMessage(korean);
  expect(view.attachments).toEqual([
    { filename: '영수증.pdf', contentType: 'application/pdf', bytes: 5 },
    { filename: 'attachment-2', contentType: 'image/png', bytes: 3, cid: 'logo@example.com' },
  ]);
  expect(view.content(0)).toEqual(new Uint8Array(Buffer.from('%PDF-')));
  expect(view.content(1)).toEqual(new Uint8Array([1, 2, 3]));
  expect(view.content(2)).toBeUndefined();
});

test('as JSON, a view lacks the content of attachments', async () => {
  const view = JSON.parse(JSON.stringify(await viewMessage(korean)));
  expect(view).not.toHaveProperty('content');
  expect(view.attachments[1]).toEqual({ filename: 'attachment-2', contentType: 'image/png', bytes: 3, cid: 'logo@example.com' });
});

test('a text mail has no HTML, and its charset is decoded', async () => {
  const eucKr = Buffer.from([0xbe, 0xc8, 0xb3, 0xe7]);
  const view = await viewMessage(Buffer.concat([raw('Content-Type: text/plain; charset=euc-kr', '', ''), eucKr]));
  expect(view.text).toBe('안녕\n');
  expect(view.html).toBeUndefined();
  expect(view.from).toBeUndefined();
});

test.each([
  ['an empty message', ''],
  ['a message without headers', 'just a line'],
  ['a boundary that never occurs', 'Content-Type: multipart/mixed; boundary=b\r\n\r\nlost'],
  ['an invalid date', 'Date: yesterday\r\n\r\n'],
  ['bytes that are not text', '\u0000\ud800\r\n\r\n'],
])('%s is parsed as far as possible', async (_, message) => {
  const view = await viewMessage(Buffer.from(message));
  expect(view.subject).toBe('');
  expect(view.to).toEqual([]);
});

test('markup in a header stays text', async () => {
  const view = await viewMessage(raw('Subject: <script>alert(1)</script>', 'From: "<b>" <a@example.com>', '', ''));
  expect(view.subject).toBe('<script>alert(1)</script>');
  expect(view.from).toEqual({ name: '<b>', address: 'a@example.com' });
});

test('addresses and attachments are one line each', () => {
  expect(addressText([{ name: 'Kim, Anne', address: 'anne@example.com' }, { address: 'bo@example.com' }])).toBe(
    'Kim, Anne <anne@example.com>, bo@example.com',
  );
  expect(addressText()).toBe('');
  expect(attachmentText({ filename: 'a.pdf', contentType: 'application/pdf', bytes: 1023 })).toBe('a.pdf (application/pdf, 1023 B)');
  expect(attachmentText({ filename: 'a.pdf', contentType: 'application/pdf', bytes: 2600 })).toBe('a.pdf (application/pdf, 3 KB)');
});
