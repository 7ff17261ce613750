/** What the forms of the preview do: they save samples inside the set only, and send what is shown. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timings } from '@posthouse/contract';
import { smtpProviders } from '@posthouse/delivery';
import { CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import { viewMessage } from '@posthouse/mailview';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { previewSender } from '../../src/preview/send-preview.ts';
import { PreviewFixture } from './preview-fixture.ts';

let relay: SmtpServer;
let fixture: PreviewFixture;

beforeAll(async () => {
  const ca = await CertificateAuthority.create();
  relay = new SmtpServer({ ca, mode: 'implicit-tls' });
  await relay.start();
  const sending = { from: undefined, providers: smtpProviders(relay.url), smtpCa: ca.caPem, redirectTo: undefined, api: undefined };
  fixture = await PreviewFixture.start({ sender: previewSender(sending, timings) });
});
afterAll(async () => {
  await fixture?.stop();
  await relay?.stop();
});

const typed = { 'string:/nickname': 'Bo', 'string:/email': 'bo@example.com' };

async function answerTo(path: string, form: Record<string, string>): Promise<{ status: number; message: string }> {
  const answer = await fixture.post(path, form);
  return { status: answer.status, ...((await answer.json()) as { message: string }) };
}

test('data is saved as a sample, and another sample is replaced only when that was asked for', async () => {
  const path = '/_/samples/signup/default/ko';
  const file = join(fixture.dir, 'signup/samples/bo.json');
  expect(await answerTo(path, { ...typed, 'sample-name': 'bo' })).toEqual({ status: 200, message: 'Saved as signup/samples/bo.json.' });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ nickname: 'Bo', email: 'bo@example.com' });
  expect(await answerTo(path, { ...typed, 'string:/nickname': 'Cy', 'sample-name': 'bo' })).toMatchObject({ status: 409, exists: true });
  expect(await readFile(file, 'utf8')).toContain('"Bo"');
  expect(await answerTo(path, { ...typed, 'string:/nickname': 'Cy', 'sample-name': 'bo', replace: 'yes' })).toMatchObject({ status: 200 });
  expect(await readFile(file, 'utf8')).toContain('"Cy"');
});

test('a template without a sample is shown with data that is typed, which becomes its first one', async () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name: { type: 'string', minLength: 1 } },
  };
  await fixture.write('fresh/template.json', { defaultLocale: 'en', subject: 'Hello', preheader: 'Hello', schema });
  await fixture.write('fresh/template.mjml', '<mjml><mj-body><mj-raw>{{name}}</mj-raw></mj-body></mjml>');
  const link = '/fresh/default/en';
  const textOf = async (path: string) => await (await fetch(fixture.url + path)).text();
  await expect.poll(async () => (await textOf('/fresh')).match(/<p class="first-sample">.*?<\/p>/)?.[0]).toContain(`href="${link}"`);
  expect((await textOf(link)).match(/<input id="sample-name"[^>]*>/)?.[0]).toContain('value="default"');
  expect(await answerTo(`/_/samples${link}`, { 'sample-name': 'default' })).toMatchObject({ status: 422 });
  expect(await answerTo(`/_/samples${link}`, { 'string:/name': 'Bo', 'sample-name': 'default' })).toMatchObject({ status: 200 });
  await expect.poll(async () => (await textOf('/fresh')).includes(`/_/frame${link}`)).toBe(true);
});

test('the field of a name says what a name has', async () => {
  const page = await (await fetch(`${fixture.url}/signup/default/ko`)).text();
  expect(page).toMatch(/<input[^>]*name="name"[^>]*title="A name has small letters, digits and dashes/);
});

test.each(['../bo', 'a/b', '..', '.hidden', 'a\\b', 'ko.json', ''])('the name %j is refused', async (name) => {
  const before = await readdir(fixture.dir, { recursive: true });
  expect((await answerTo('/_/samples/signup/default/ko', { ...typed, 'sample-name': name })).status).toBe(422);
  expect(await readdir(fixture.dir, { recursive: true })).toEqual(before);
});

test('nothing is saved through a link out of the set, and no data that the API refuses', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'posthouse-outside-'));
  onTestFinished(() => rm(outside, { recursive: true, force: true }));
  const samples = join(fixture.dir, 'receipt/samples');
  const data = await readFile(join(samples, 'default.json'), 'utf8');
  expect(await answerTo('/_/samples/receipt/default/ko', { json: data.replace('73000', '"many"'), 'sample-name': 'wrong' })).toMatchObject({
    status: 422,
    message: expect.stringContaining('/data/total must be a number, not a string'),
  });
  // The preview still has the samples that it has read when the folder is exchanged.
  await fixture.preview.live.stop();
  await rm(samples, { recursive: true });
  await symlink(outside, samples);
  expect(await answerTo('/_/samples/receipt/default/ko', { 'sample-name': 'new' })).toMatchObject({
    status: 422,
    message: expect.stringContaining('link out of the template set'),
  });
  expect(await readdir(outside)).toEqual([]);
  await rm(samples);
  await mkdir(samples);
});

test('a mail is sent as it is shown, and what the relay replies is shown', async () => {
  const shown = (await (await fetch(`${fixture.url}/_/mail/signup/default/en`)).json()) as { subject: string; html: string };
  const received = new Promise<Uint8Array>((resolve) => {
    relay.onMessage(({ raw }) => resolve(raw));
  });
  expect(await answerTo('/_/send/signup/default/en', { 'send-to': 'me@example.com' })).toMatchObject({ status: 200 });
  const message = await viewMessage(await received);
  expect(message.subject).toBe(shown.subject);
  expect(message.html?.replaceAll('\r\n', '\n').trim()).toBe(shown.html.trim());
  expect(message.to).toEqual([{ address: 'me@example.com' }]);
  expect(await answerTo('/_/send/signup/default/en', { 'send-to': 'nobody' })).toMatchObject({ status: 422 });
});
