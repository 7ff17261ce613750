/** The messages that each program of `programs/` makes, as JSON: what a caller wants to send, not how it is written. */

export interface MessageCase {
  name: string;
  from: Person;
  to: Person[];
  cc?: Person[];
  bcc?: Person[];
  replyTo?: Person[];
  subject: string;
  text?: string;
  html?: string;
  /** How the text is encoded, where the library can choose. */
  encoding?: '8bit' | 'quoted-printable' | 'base64';
  attachments?: { filename: string; type: string; content: string; cid?: string }[];
  /** An invitation, as an alternative of the text. */
  calendar?: string;
  headers?: Record<string, string>;
}

interface Person {
  name?: string;
  address: string;
}

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const png = base64(Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'));
const everyByte = base64(Uint8Array.from({ length: 60_000 }, (_, n) => (n * 7 + (n >> 8)) & 255));
const korean = '안녕하세요. 가입을 환영합니다. ';
const calendar = [
  ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Shop//EN', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:1@shop.example'],
  ...['DTSTAMP:20261127T000000Z', 'DTSTART:20261128T100000Z', 'SUMMARY:Delivery — 배송', 'END:VEVENT', 'END:VCALENDAR', ''],
].join('\r\n');

const shop: Person = { name: 'Shop', address: 'hello@shop.example' };
const anne: Person = { address: 'anne@example.net' };
const plain = { from: shop, to: [anne], subject: 'Hello', text: 'Hello.\n' };
const invoice = { filename: 'invoice.pdf', type: 'application/pdf', content: base64('%PDF-1.4\r\nnot really\n') };
const logo = { filename: 'logo.png', type: 'image/png', content: png, cid: 'logo@shop.example' };

export const messageCases: MessageCase[] = [
  { name: 'plain', ...plain },
  { name: 'empty text', ...plain, text: '\n' },
  { name: 'dots', ...plain, text: '.\n..\n.hidden\n\n.\nend.\n' },
  { name: 'blanks at line ends', ...plain, text: 'one \ntwo\t\n \n-- \nShop\n' },
  { name: 'From in the text', ...plain, text: 'From here on\n>From there\n' },
  { name: 'long lines', ...plain, text: `${'word '.repeat(100)}\n${'x'.repeat(900)}\n`, encoding: 'quoted-printable' },
  { name: 'Korean', ...plain, subject: '가입을 환영합니다', text: `${korean}\n` },
  { name: '8bit', ...plain, text: `${korean}é\n`, encoding: '8bit' },
  { name: 'quoted-printable', ...plain, text: 'a=b é\u00a0end \n=20\n', encoding: 'quoted-printable' },
  { name: 'base64', ...plain, text: `${korean.repeat(4)}\n`.repeat(15), encoding: 'base64' },
  { name: 'emoji', ...plain, subject: 'Your parcel 📦 is here 🎉', text: '🎉\n' },
  { name: 'long subject', ...plain, subject: `Order 4711: ${'a long list of goods, '.repeat(14)}end` },
  { name: 'long Korean subject', ...plain, subject: `${korean.repeat(8)}끝` },
  { name: 'HTML', ...plain, html: `<p>Hello &amp; ${korean}</p>\n`, text: undefined as unknown as string },
  { name: 'alternatives', ...plain, html: `<p>Hello — <b>${korean}</b></p>\n` },
  { name: 'long HTML', ...plain, html: `<table>${'<tr><td style="color:#333">cell</td></tr>\n'.repeat(400)}</table>\n` },
  { name: 'names', ...plain, from: { ...shop, name: 'Müller, Shop & Söhne' }, to: [{ name: '안녕', address: 'a@example.net' }] },
  {
    name: 'quoted names',
    ...plain,
    from: { ...shop, name: 'Shop "of" Anne, Inc.' },
    to: [{ name: 'Bo, (Jr.)', address: 'bo@example.net' }],
  },
  { name: 'recipients', ...plain, to: Array.from({ length: 25 }, (_, n) => ({ name: `Person ${n}`, address: `p${n}@example.net` })) },
  { name: 'cc', ...plain, cc: [{ name: 'Cleo', address: 'cleo@example.net' }, { address: 'cy@example.net' }] },
  { name: 'bcc', ...plain, bcc: [{ name: 'Dan', address: 'dan@example.net' }, { address: 'dot@example.net' }] },
  { name: 'cc and bcc', ...plain, cc: [{ address: 'cleo@example.net' }], bcc: [{ name: '비밀', address: 'dan@example.net' }] },
  { name: 'reply-to', ...plain, replyTo: [{ name: 'Hilfe für alle', address: 'help@shop.example' }] },
  { name: 'attachment', ...plain, attachments: [invoice] },
  { name: 'binary attachment', ...plain, attachments: [{ filename: 'a.bin', type: 'application/octet-stream', content: everyByte }] },
  { name: 'attachment with a Korean name', ...plain, attachments: [{ ...invoice, filename: '영수증 2026.pdf' }] },
  {
    name: 'several attachments',
    ...plain,
    html: '<p>Three files</p>\n',
    attachments: [
      invoice,
      { filename: 'a.csv', type: 'text/csv', content: base64('a;b\r\n1;2\r\n') },
      { filename: 'b.txt', type: 'text/plain', content: base64(`${korean}\n.\n`) },
    ],
  },
  { name: 'inline image', ...plain, html: '<img src="cid:logo@shop.example">\n', attachments: [logo, invoice] },
  { name: 'calendar', ...plain, calendar },
  {
    name: 'list fields',
    ...plain,
    headers: {
      'List-Unsubscribe': '<https://shop.example/u/1>, <mailto:u@shop.example>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': '<news.shop.example>',
      Precedence: 'bulk',
    },
  },
  {
    name: 'references',
    ...plain,
    headers: {
      'In-Reply-To': '<1@shop.example>',
      References: Array.from({ length: 12 }, (_, n) => `<${n}.${'r'.repeat(40)}@shop.example>`).join(' '),
      'X-Priority': '1',
    },
  },
  { name: 'fields of ours', ...plain, headers: { 'Posthouse-Tag': 'order', 'Posthouse-Priority': 'high', 'X-Order': '4711' } },
];
