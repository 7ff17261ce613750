/**
 * One sandbox on real parts. Its pages in a real browser: a sign-up, the arrival of the mail, and a hostile mail that must have no effect.
 * Then the whole path of a mail: HTTP → Redis → worker process → SMTP over TLS → a message in the inbox.
 */
import { timings } from '@posthouse/contract';
import { hostileHtml, ThirdPartyServer } from '@posthouse/devkit';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { viewMessage } from '@posthouse/mailview';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FirstMailParts, sendFirstMail } from '../src/first-mail.ts';
import { Inbox } from '../src/inbox/inbox.ts';
import { Sandbox } from '../src/sandbox.ts';
import { sandboxSettings } from './sandbox-settings.ts';

const logged: string[] = [];
/** A busy machine takes its time. */
const patient = { ...timings.sandbox, apiRequest: 60_000, apiTries: 120_000, firstMail: 120_000 };
const sandbox = new Sandbox(sandboxSettings, patient, (line) => logged.push(line));
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), sandbox.start()]);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

afterAll(async () => {
  await browser?.close();
  await sandbox.stop();
});

const clockMail = {
  ...{ id: 'zone', from: 'hello@yourhouse.example', to: ['haru@example.com'], messageId: '<zone@example.com>', sessionId: 'zone' },
  ...{ raw: Buffer.from('Subject: In another zone\r\n\r\nHello'), authUser: 'posthouse' },
};

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'ko-KR', ...options })).newPage();
  await page.goto(sandbox.urls.pages + path);
  return page;
}

async function signUp(page: Page, nickname: string): Promise<void> {
  await page.getByLabel('닉네임').fill(nickname);
  await page.getByLabel('이메일').fill('haru@example.com');
  await page.getByRole('button', { name: '가입하기' }).click();
}

test('a member signs up on a phone, and the mail appears in an open inbox', async () => {
  const inbox = await open('/inbox');
  await inbox.getByText('아직 도착한 메일이 없어요.').waitFor();

  const page = await open('/', { viewport: { width: 390, height: 844 } });
  await signUp(page, '하루');
  await page.getByRole('heading', { name: '하루님, 어서 들어오세요.' }).waitFor();
  await page.getByText('보냈어요. 릴레이가 메일을 받았어요').waitFor();

  const row = inbox.getByRole('link', { name: 'Your House Today에 가입해주셔서 감사합니다! haru@example.com' });
  await row.waitFor();
  await inbox.getByText('메일 1통').waitFor();
  await row.click();
  await inbox.frameLocator('iframe').getByRole('heading', { name: '하루님, 반갑습니다.' }).waitFor();

  await page.getByRole('link', { name: '도착한 메일 열어 보기' }).click();
  await page.getByRole('link', { name: '텍스트' }).click();
  await page.locator('pre').getByText('하루님').waitFor();
  await page.waitForLoadState();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('on a phone a mail fits the screen, and a wider view scrolls inside its frame', async () => {
  const page = await open('/', { viewport: { width: 390, height: 844 } });
  await signUp(page, '하루');
  await page.getByRole('link', { name: '도착한 메일 열어 보기' }).click();
  const frame = page.locator('iframe');
  await frame.waitFor();
  // The style sheet may come after the frame.
  await page.waitForLoadState();
  expect((await frame.boundingBox())?.width).toBeLessThan(390);
  await page.getByRole('link', { name: '600' }).click();
  await page.waitForURL('**width=600');
  expect((await frame.boundingBox())?.width).toBe(600);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('a long source scrolls inside its own box, also by keyboard', async () => {
  const content = { subject: 'long', text: 'a line of the text\n'.repeat(500) };
  const { id } = await sandbox.api.client.mails.send({ to: 'haru@example.com', content });
  const { id: mail } = await sandbox.inbox.waitFor(`<${id}@yourhouse.example>`, AbortSignal.timeout(60_000));
  const page = await open(`/inbox/${mail}?view=source`);
  const source = page.getByRole('region', { name: '원본' });
  await source.press('End');
  await page.waitForFunction(() => (document.querySelector('.source')?.scrollTop ?? 0) > 5000);
  expect((await source.boundingBox())?.height).toBeLessThan(720);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(1200);
});

test('an English browser in another zone gets English, and its own times from the first page on', async () => {
  await sandbox.inbox.receive({ ...clockMail, at: Date.parse('2026-11-22T08:40:03Z') });
  const shown = 'Nov 22, 2026, 14:25:03';
  // A page without live updates: they would bring the right time too.
  const page = await open('/inbox/zone', { locale: 'en-US', timezoneId: 'Asia/Kathmandu' });
  await page.getByText(shown).waitFor();
  await page.reload();
  await page.getByText(shown).waitFor();
  await page.getByRole('link', { name: '한국어' }).click();
  await page.goto(`${sandbox.urls.pages}/inbox`);
  await page.getByRole('heading', { name: '받은 편지함' }).waitFor();
});

test('the first invalid field has the focus', async () => {
  const page = await open('/');
  await signUp(page, '');
  await page.getByRole('alert').waitFor();
  // A browser applies `autofocus` when it next updates the rendering, which may be after the alert is found.
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('nickname');
  expect(await page.getByLabel('이메일').inputValue()).toBe('haru@example.com');
});

test('the pages work without script', async () => {
  const page = await open('/', { javaScriptEnabled: false });
  await signUp(page, '민서');
  const openMail = page.getByRole('link', { name: '도착한 메일 열어 보기' });
  const reload = page.getByRole('link', { name: '새로 고쳐서 확인하기' });
  await openMail.or(reload).waitFor();
  await page.waitForLoadState();
  // The whole next page, or the one that is left would still seem to have no mail.
  while (!(await openMail.isVisible())) await Promise.all([page.waitForEvent('load'), reload.click()]);
  await openMail.click();
  await page.getByRole('link', { name: '375' }).click();
  await page.waitForURL('**width=375');
  expect((await page.locator('iframe').boundingBox())?.width).toBe(375);
  await page.frameLocator('iframe').getByRole('heading', { name: '민서님, 반갑습니다.' }).waitFor();
});

test('a hostile mail runs no script, loads nothing and navigates nowhere', async () => {
  const thirdParty = new ThirdPartyServer();
  await thirdParty.start();
  onTestFinished(() => thirdParty.stop());
  const content = { subject: '<img src=x onerror=alert(1)>', html: hostileHtml(thirdParty.url) };
  const { id } = await sandbox.api.client.mails.send({ to: 'haru@example.com', content });
  const { id: mail } = await sandbox.inbox.waitFor(`<${id}@yourhouse.example>`, AbortSignal.timeout(60_000));

  const page = await open('/', { ignoreHTTPSErrors: true });
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const url = `${sandbox.urls.pages}/inbox/${mail}`;
  await page.goto(url, { waitUntil: 'networkidle' });
  const frame = page.frameLocator('iframe');
  await frame.getByRole('link', { name: 'to the top' }).click();
  await frame.getByRole('button', { name: 'Send' }).click();
  await page.waitForLoadState('networkidle');

  expect(page.url()).toBe(url);
  expect(page.frames()[1]?.url()).toBe(`${url}/html`);
  expect(await page.title()).toBe('<img src=x onerror=alert(1)> · 오늘은 너네집');
  expect(await frame.locator('#written').textContent()).toBe('by the mail');
  expect(dialogs).toEqual([]);
  expect(thirdParty.requests).toEqual([]);
});

test('a first mail that the worker of another sandbox has sent is reported as such', async () => {
  const status = { id: 'a', state: 'sent', messageId: '<a@b>', receipt: { response: '250 ok' }, recipients: [] };
  const parts = {
    members: { signUp: async () => ({ welcomeMail: { id: 'a' } }) },
    api: {
      watch: async function* () {
        yield status;
      },
    },
    inbox: new Inbox(),
  } as unknown as FirstMailParts;
  expect(await sendFirstMail(parts, 1, new AbortController().signal)).toEqual({
    failure: expect.stringMatching(/another worker on this Redis took it, such as that of another sandbox\. 250 ok/),
  });
});

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
