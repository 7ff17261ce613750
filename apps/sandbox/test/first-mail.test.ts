/** The whole path of a mail, on real parts: HTTP → Redis → worker process → SMTP over TLS → a message in the inbox. */
import { timings } from '@posthouse/contract';
import { viewMessage } from '@posthouse/mailview';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendFirstMail } from '../src/first-mail.ts';
import { Sandbox } from '../src/sandbox.ts';
import { sandboxSettings } from './sandbox-settings.ts';

const logged: string[] = [];
/** A busy machine takes its time. */
const patient = { ...timings.sandbox, apiRequest: 60_000, apiTries: 120_000, firstMail: 120_000 };
const sandbox = new Sandbox(sandboxSettings, patient, (line) => logged.push(line));

beforeAll(() => sandbox.start());
afterAll(() => sandbox.stop());

test('the first member signs up, and the welcome mail arrives', async () => {
  const result = await sendFirstMail(sandbox, patient.firstMail, new AbortController().signal);
  expect(result).toMatchObject({
    state: 'sent',
    response: expect.stringMatching(/^250 /),
    provider: 'sandbox',
    recipients: [{ address: 'haru@example.com', state: 'accepted' }],
    acceptedInMs: expect.any(Number),
    sentAfterMs: expect.any(Number),
  });
  if ('failure' in result) throw new Error(result.failure);
  expect(result.messageId).toBe(`<${result.id}@yourhouse.example>`);

  const mail = await sandbox.inbox.waitFor(result.messageId, AbortSignal.timeout(60_000));
  expect(mail).toMatchObject({ from: 'hello@yourhouse.example', to: ['haru@example.com'], authUser: 'posthouse' });
  const message = await viewMessage(mail.raw);
  expect(message).toMatchObject({
    subject: 'Your House Today에 가입해주셔서 감사합니다!',
    from: { name: 'Your House Today', address: 'hello@yourhouse.example' },
    to: [{ address: 'haru@example.com' }],
    html: expect.stringContaining('하루님'),
    text: expect.stringContaining('하루님'),
  });
  const header = (wanted: string) => message.headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
  expect(header('content-type')).toMatch(/^multipart\/alternative;/);
  expect(header('auto-submitted')).toBe('auto-generated');
});

test('a posted form signs a member up, in the language of the page', async () => {
  const { pages } = sandbox.urls;
  const body = new URLSearchParams({ nickname: 'Anne', email: 'Anne@EXAMPLE.com' });
  // What a browser keeps of the choice.
  const cookie = 'language=en';
  const memberPage = await fetch(`${pages}/?lang=en`, { method: 'POST', body, headers: { origin: pages, cookie } });
  expect(memberPage.status).toBe(200);
  expect(await memberPage.text()).toContain('Come on in,\nAnne.');

  const events = await (await fetch(memberPage.url.replace(/(\?|$)/, '/events$1'), { headers: { cookie } })).text();
  expect(events).toContain('Sent: accepted by the relay');
  expect(events).toMatch(/event: end\ndata: end\n\n$/);
  const [mail] = sandbox.inbox.list();
  expect(mail).toMatchObject({ to: ['Anne@example.com'], subject: 'Thank you for joining Your House Today!' });
  expect(events).toContain(`/inbox/${mail?.id}\\"`);
});

test('the log has the start of each service and no warning', () => {
  // On a busy machine Redis may answer later than the API waits.
  const lines = logged.filter((line) => !/^! \w+: Redis (cannot be reached|connected again)/.test(line));
  expect(lines.map((line) => line.replace(/[\d.]+ s$/, 's'))).toEqual([
    '✓ redis ready s',
    '✓ sample data ready s',
    '✓ relay ready s',
    '✓ API, submission, worker and dashboard ready s',
    '✓ pages ready s',
  ]);
});
