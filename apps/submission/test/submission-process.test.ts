/** The way of a mail: a program with nodemailer, submission and worker as processes, a relay over TLS. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppProcess, SmtpServer } from '@posthouse/devkit';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SubmissionFixture } from './submission-fixture.ts';

const fixture = new SubmissionFixture();
const entryOf = (app: string) => fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));
let relay: SmtpServer;
let submission: AppProcess;
let worker: AppProcess;
const ports: Record<string, number> = {};

beforeAll(async () => {
  await fixture.start();
  relay = new SmtpServer({ ca: fixture.ca, mode: 'implicit-tls' });
  await relay.start();
  const caFile = join(fixture.dir, 'ca.pem');
  await fixture.ca.writeCa(caFile);
  const onLine = (line: string) => {
    const { msg, security, port } = JSON.parse(line);
    if (msg === 'ready') ports[security] = port;
  };
  const readyWhen = () => Object.keys(ports).length === 3;
  submission = new AppProcess({ name: 'submission', entry: entryOf('submission'), env: fixture.env, onLine, readyWhen });
  const templates = join(fixture.dir, 'templates');
  await mkdir(templates);
  const env = {
    ...fixture.env,
    SMTP_URL: relay.url,
    SMTP_CA_FILE: caFile,
    MAIL_FROM: 'hello@example.com',
    TEMPLATES_DIR: templates,
  };
  worker = new AppProcess({ name: 'worker', entry: entryOf('worker'), env, readyWhen: (line) => line.includes('provider check') });
  await Promise.all([submission.start(), worker.start()]);
});
afterAll(async () => {
  await Promise.all([submission.stop(), worker.stop()]);
  await relay.stop();
  await fixture.stop();
});

it.each([
  ['TLS from the first byte', 'tls', { secure: true }],
  ['STARTTLS', 'starttls', { requireTLS: true, authMethod: 'LOGIN' }],
])('what nodemailer sends over %s arrives as it is, at all recipients', async (_, security, options) => {
  const transport = createTransport({
    ...{ host: '127.0.0.1', port: ports[security], auth: { user: 'app', pass: fixture.key } },
    tls: { ca: fixture.ca.caPem, servername: 'localhost' },
    ...options,
  });
  const { message } = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({
    ...{ from: 'Anne <anne@example.com>', to: 'bo@example.net', subject: 'Hé', html: '<p>Hello</p>', text: '.\n..dots\n\nand é' },
    attachments: [{ filename: 'a.bin', content: Buffer.from(Array.from({ length: 5000 }, (__, n) => n % 256)) }],
  });
  const envelope = { from: 'bounces@example.org', to: ['bo@example.net', 'cleo@example.net'] };
  const raw = Buffer.concat([Buffer.from('Posthouse-Tag: order\r\nBcc: cleo@example.net\r\n'), message as Buffer]);
  const arrival = relay.nextMessage();
  const { response } = await transport.sendMail({ envelope, raw });
  transport.close();
  const { tags, envelope: recorded } = await fixture.record(response);
  expect({ tags, returnPath: recorded.returnPath }).toEqual({ tags: ['order'], returnPath: envelope.from });
  const arrived = await arrival;
  expect(arrived).toMatchObject(envelope);
  expect(sha256(arrived.raw)).toBe(sha256(message as Buffer));
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
