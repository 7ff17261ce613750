/** `@posthouse/client/nodemailer`: a program that uses nodemailer changes the line that makes its transport. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PosthouseError } from '@posthouse/client';
import { type PosthouseSentMessageInfo, posthouse } from '@posthouse/client/nodemailer';
import { MailQueue } from '@posthouse/queue';
import { createTransport, type MailMessage, type SendMailOptions, type Transporter } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const api = new ApiFixture();
let dir: string;
let url: string;
let mailer: Transporter<PosthouseSentMessageInfo>;
/** The bytes that nodemailer made of the latest message. */
let made: Buffer;
beforeAll(async () => {
  await api.start();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  dir = await mkdtemp(join(tmpdir(), 'posthouse-nodemailer-'));
  await writeFile(join(dir, 'a.txt'), 'from a file');
  const transport = posthouse({ url, key, tryTimeoutMs: 60_000, timeoutMs: 60_000 });
  mailer = createTransport<PosthouseSentMessageInfo>({
    ...transport,
    send: (mail: MailMessage, done) => transport.send(recording(mail), done),
  });
});
afterAll(async () => {
  mailer.close();
  await api.stop();
  await rm(dir, { recursive: true });
});

/** The same message, whose bytes are recorded as they are read. */
function recording(mail: MailMessage): MailMessage {
  const create = mail.message.createReadStream.bind(mail.message);
  mail.message.createReadStream = () => Readable.from(recorded(create()));
  return mail;
}

async function* recorded(stream: Readable): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    yield chunk;
  }
  made = Buffer.concat(chunks);
}

const basic = { from: '"Shop" <shop@example.com>', to: 'anne@example.net', subject: 'Hi', text: 'Hello' };
const png = 'data:image/png;base64,iVBORw0KGgo=';
const dkimKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

const options: [string, () => SendMailOptions][] = [
  [
    'sender, several recipients, cc, bcc, replyTo',
    () => ({
      sender: 'shop@example.org',
      to: ['anne@example.net', { name: 'Bo', address: 'bo@example.net' }],
      cc: 'cleo@example.net',
      bcc: 'dan@example.net',
      replyTo: 'help@example.com',
    }),
  ],
  [
    'inReplyTo, references, messageId, date',
    () => ({
      inReplyTo: '<1@example.com>',
      references: ['<0@example.com>', '<1@example.com>'],
      messageId: '<own@example.com>',
      date: new Date(0),
    }),
  ],
  ['html, watchHtml, amp', () => ({ html: '<p>Hello — 안녕</p>', watchHtml: '<b>Hi</b>', amp: '<!doctype html><html ⚡4email></html>' })],
  [
    'icalEvent',
    () => ({ icalEvent: { method: 'REQUEST', filename: 'i.ics', content: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR' } }),
  ],
  ['alternatives', () => ({ alternatives: [{ contentType: 'text/x-web-markdown', content: '**Hello**' }] })],
  [
    'attachments by text, buffer, file, stream, data URL, cid and raw',
    () => ({
      html: '<img src="cid:logo">',
      attachments: [
        { filename: 'a.txt', content: 'text' },
        { filename: 'b.bin', content: Buffer.from([0, 1, 2, 255]) },
        { path: join(dir, 'a.txt') },
        { filename: 'c.txt', content: Readable.from(['from ', 'a stream']) },
        { path: png, cid: 'logo' },
        { raw: 'Content-Type: text/plain\r\n\r\nraw part' },
        { filename: 'd.json', href: `${url}/livez`, httpHeaders: { 'X-Reason': 'attachment' } },
        {
          filename: 'e.txt',
          content: 'é',
          contentTransferEncoding: 'quoted-printable',
          contentDisposition: 'inline',
          headers: { 'X-Part': 'e' },
        },
        { filename: '한글.txt', content: 'YQ==', encoding: 'base64', contentType: 'text/plain' },
      ],
    }),
  ],
  ['headers and priority', () => ({ headers: { 'X-Key': ['one', 'two'], 'X-Long': 'word '.repeat(300) }, priority: 'high' })],
  ['list', () => ({ list: { help: 'help@example.com?subject=help', unsubscribe: { url: 'https://example.com/u', comment: 'Comment' } } })],
  ['encoding and textEncoding', () => ({ text: 'é'.repeat(2000), encoding: 'latin1', textEncoding: 'quoted-printable' })],
  ['envelope', () => ({ envelope: { from: 'bounces@example.org', to: ['eve@example.net', 'Anne <anne@example.net>'] } })],
  ['dkim', () => ({ dkim: { domainName: 'example.com', keySelector: 's', privateKey: dkimKey } })],
  ['attachDataUrls', () => ({ html: `<img src="${png}">`, attachDataUrls: true })],
  ['normalizeHeaderKey', () => ({ normalizeHeaderKey: (name) => name.toUpperCase() })],
  ['newline', () => ({ text: 'a\nb\n', newline: 'unix' })],
  [
    'boundaryPrefix, baseBoundary, xMailer, otp',
    () => ({
      html: '<p>Hi</p>',
      boundaryPrefix: 'part',
      baseBoundary: 'shop',
      xMailer: 'Shop 1.0',
      otp: { code: '123456', origin: 'https://shop.example' },
    }),
  ],
  [
    'maxRecipients, disableFileAccess, disableUrlAccess, signal',
    () => ({ maxRecipients: 2, disableFileAccess: true, disableUrlAccess: true, signal: new AbortController().signal }),
  ],
  [
    'raw',
    () => ({ raw: 'From: shop@example.com\nSubject: Raw\n\n.\nHello\n', envelope: { from: 'shop@example.com', to: 'anne@example.net' } }),
  ],
];

it.each(options)('sends what nodemailer makes of: %s', async (_, change) => {
  const change_ = change();
  const data = 'raw' in change_ ? change_ : { ...basic, ...change_ };
  const info = await mailer.sendMail(data);
  const record = await new MailQueue(api.connection).read(info.id, true);
  const stored = Buffer.from(record?.content?.raw?.message ?? '', 'base64');
  const sent = Buffer.from(made.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
  expect(sha256(stored)).toBe(sha256(sent));
  expect(stored.toString()).not.toMatch(/^bcc:/im);
  const { envelope, accepted, rejected, response } = info;
  expect({ accepted, rejected, response }).toEqual({ accepted: envelope.to, rejected: [], response: `250 2.0.0 queued as ${info.id}` });
  expect(record?.recipients.map(({ address }) => address)).toEqual(envelope.to);
  expect(record?.envelope.returnPath).toBe(envelope.from);
  expect('raw' in change_ || record?.messageId === info.messageId).toBe(true);
});

/** Options of nodemailer's own transports: Posthouse delivers by its providers' settings and reads none of them. */
type OfTransports = 'auth' | '_dkim' | 'dsn' | 'requireTLSExtensionEnabled' | 'ses';

/** Does not compile when nodemailer has an option that is not here. */
const documented: Record<Exclude<keyof SendMailOptions, OfTransports>, true> = {
  ...{ from: true, sender: true, to: true, cc: true, bcc: true, replyTo: true, inReplyTo: true, references: true, subject: true },
  ...{ messageId: true, date: true, text: true, html: true, watchHtml: true, amp: true, icalEvent: true, attachments: true },
  ...{ alternatives: true, headers: true, list: true, otp: true, envelope: true, encoding: true, textEncoding: true, raw: true },
  ...{ disableUrlAccess: true, disableFileAccess: true, attachDataUrls: true, boundaryPrefix: true, baseBoundary: true, newline: true },
  ...{ normalizeHeaderKey: true, priority: true, xMailer: true, signal: true, dkim: true, maxRecipients: true },
};

it('is tested with each option of sendMail', () => {
  const tested = options.flatMap(([, change]) => Object.keys(change()));
  expect(Object.keys(documented).filter((option) => !tested.includes(option) && !(option in basic))).toEqual([]);
});

it('has options of its own, callbacks and defaults, and sends once for an idempotency key', async () => {
  const withDefaults = createTransport<PosthouseSentMessageInfo>(posthouse({ url, key, tryTimeoutMs: 60_000, timeoutMs: 60_000 }), {
    from: basic.from,
  });
  const own = {
    idempotencyKey: 'order:1',
    tags: ['order'],
    priority: 'high',
    metadata: { order: 1 },
    scheduledAt: new Date(Date.now() + 3_600_000),
  };
  const data = { to: 'anne@example.net', text: 'Hi', messageId: '<order-1@example.com>', date: new Date(0), posthouse: own };
  const first = await withDefaults.sendMail(data);
  const [error, again] = await new Promise<[Error | null, PosthouseSentMessageInfo]>((resolve) => {
    withDefaults.sendMail(data, (...args) => resolve(args));
  });
  expect([error, again.id, again.state]).toEqual([null, first.id, 'scheduled']);
  expect((await api.get(`/v1/mails/${first.id}`)).json()).toMatchObject({
    tags: ['order'],
    priority: 'high',
    metadata: { order: 1 },
    from: { name: 'Shop' },
  });
});

it('verifies its configuration, and fails with what the API says', async () => {
  expect(await mailer.verify()).toBe(true);
  expect(mailer.isIdle()).toBe(true);
  const wrong = createTransport(posthouse({ url, key: 'ph_wrong', timeoutMs: 60_000 }));
  await expect(wrong.verify()).rejects.toMatchObject({ status: 401 });
  expect(await new Promise((resolve) => wrong.verify((failure) => resolve(failure)))).toMatchObject({ code: 'unauthorized' });
  await expect(mailer.sendMail({ ...basic, from: 'eve@foreign.example' })).rejects.toBeInstanceOf(PosthouseError);
  await expect(mailer.sendMail({ ...basic, attachments: [{ path: join(dir, 'none') }] })).rejects.toMatchObject({ code: 'ENOENT' });
  const controller = new AbortController();
  controller.abort();
  await expect(mailer.sendMail({ ...basic, signal: controller.signal })).rejects.toThrow();
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
