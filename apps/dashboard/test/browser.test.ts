/** The pages in a real browser: signing in, live updates, hostile mails, accessibility. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MailRecord } from '@posthouse/contract';
import { hostileHtml, ThirdPartyServer } from '@posthouse/devkit';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { importRecords } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { DashboardFixture, password } from './dashboard-fixture.ts';
import { acceptedRecord, pastRecords } from './past-records.ts';
import { ended, queued } from './sample-records.ts';

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const dashboard = new DashboardFixture();
const past = pastRecords();
let browser: Browser;
let url: string;
let errors: string[];

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), dashboard.start()]);
  url = await dashboard.listen();
  await importRecords(dashboard.connection, [queued(), ended('failed', '550 5.1.1', 5 * 60_000)]);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await dashboard.stop();
});

/** Opens a page in a new session. Errors in its console are collected. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ timezoneId: 'Asia/Seoul', ...options })).newPage();
  errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(url + path);
  return page;
}

async function imported(record: MailRecord): Promise<string> {
  await importRecords(dashboard.connection, [record]);
  return record.id;
}

async function signIn(page: Page, name = 'admin'): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a user signs in, is redirected to the requested page, sees times in the local time zone, and signs out', async () => {
  const page = await open('/?from=a-link');
  await page.getByLabel('Name').fill('viewer');
  await page.getByLabel('Password').fill('not this one');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Wrong name or password').waitFor();
  await signIn(page, 'viewer');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(page.url()).toBe(`${url}/?from=a-link`);
  await page.getByText('Times are in Asia/Seoul').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('the overview is live, keeps open details, says when updates stop, and redirects to the sign-in when the session ends', async () => {
  const page = await open('/');
  await signIn(page);
  const failed = page.getByRole('link', { name: /^Failed/ });
  await failed.getByText('1', { exact: true }).waitFor();
  // The text is visible before the scripts at the end of the document have run.
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  await page.getByText('Show data').first().click();
  await importRecords(dashboard.connection, [ended('failed', '550 5.1.1')]);
  await failed.getByText('2', { exact: true }).waitFor();
  expect(await page.locator('details[open]').count()).toBe(1);
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  expect(errors).toEqual([]);

  await dashboard.withFrozenRedis(() => page.getByText('Live updates stopped').waitFor());
  await page.getByText('Live updates stopped').waitFor({ state: 'hidden' });

  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  await dashboard.post('/logout', {}, { cookie });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('charts are drawn in a browser whose language is not a valid tag, as with LANG=POSIX', async () => {
  const page = await open('/login');
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' }));
  await signIn(page);
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  expect(errors).toEqual([]);
});

test('a label at the end of the time axis of a chart is shown whole', async () => {
  const page = await open('/login');
  await signIn(page);
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  const labels = await page.evaluate(async () => {
    const drawn: { text: string; fits: boolean }[] = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
      if (text.includes(':')) drawn.push({ text, fits: x + this.measureText(text).width / 2 <= this.canvas.width });
      fillText.call(this, text, x, y);
    };
    // The present minute ends at a multiple of ten, so that the end of the axis has a label.
    const rows = [...(document.querySelector('[data-chart]')?.querySelectorAll<HTMLElement>('[data-at]') ?? [])];
    rows.forEach((row, n) => {
      row.dataset['at'] = String(Date.UTC(2026, 10, 22, 8, 10 - rows.length + n));
    });
    document.dispatchEvent(new Event('htmx:sse:after:message'));
    await new Promise(requestAnimationFrame);
    return drawn;
  });
  expect(labels).toContainEqual({ text: '17:10', fits: true });
  expect(labels.filter(({ fits }) => !fits)).toEqual([]);
});

test('the overview shows its data when the chart library cannot be loaded', async () => {
  const page = await open('/login');
  await page.route('**/uplot.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await signIn(page);
  await page.getByText('Show data').first().click();
  await page.getByRole('columnheader', { name: 'Sent' }).first().waitFor();
  expect(errors).toEqual([]);
});

test('live updates work however late the htmx extension is loaded', async () => {
  const page = await open('/login');
  await signIn(page, 'viewer');
  await page.route('**/htmx-sse.js', async (route) => {
    // By then htmx has done everything that it defers until it is loaded.
    await page.waitForFunction(() => 'htmx' in window, undefined, { polling: 10 });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await route.continue();
  });
  const stream = page.waitForRequest('**/queue/live');
  await page.goto(`${url}/queue`);
  await stream;
});

test('the page of a mail is live; an action needs no script, and its result is shown once', async () => {
  const mail = await imported(past.retrying);
  const watching = await open(`/mails/${mail}`);
  await signIn(watching, 'viewer');
  await watching.getByText('2 steps').last().click();

  const acting = await open(`/mails/${mail}`, { javaScriptEnabled: false });
  await signIn(acting, 'operator');
  await acting.getByRole('link', { name: 'Cancel…' }).click();
  await acting.getByRole('button', { name: 'Cancel this mail' }).click();
  await acting.getByRole('status').getByText('Cancelled.').waitFor();
  await acting.getByText('No content', { exact: true }).waitFor();
  await acting.reload();
  expect(await acting.getByText('Cancelled.').count()).toBe(0);

  await watching.getByLabel('State').getByText('Cancelled', { exact: true }).waitFor();
  expect(await watching.locator('details[open]').count()).toBe(1);
  expect(errors).toEqual([]);
});

test('a hostile mail runs nothing, loads nothing and navigates nowhere; on request it loads images and nothing else', async () => {
  const thirdParty = new ThirdPartyServer();
  await thirdParty.start();
  onTestFinished(() => thirdParty.stop());
  const literal = { subject: '<img src=x onerror=alert(1)>', html: hostileHtml(thirdParty.url) };
  const mail = await imported(acceptedRecord({ content: { literal, attachments: [], headers: {} } }));
  const here = `${url}/mails/${mail}`;
  const page = await open(`/mails/${mail}`, { ignoreHTTPSErrors: true });
  page.on('dialog', (dialog) => {
    errors.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await signIn(page, 'viewer');
  const frame = page.frameLocator('iframe');
  const tryAll = async () => {
    await frame.getByRole('link', { name: 'to the top' }).click();
    await frame.getByRole('button', { name: 'Send' }).click();
    expect(await frame.locator('#written').textContent()).toBe('by the mail');
    expect(await page.title()).toBe('<img src=x onerror=alert(1)> · Posthouse');
    expect(errors.filter((text) => text.startsWith('a dialog'))).toEqual([]);
  };
  await tryAll();
  expect(page.url()).toBe(here);
  expect(page.frames()[1]?.url()).toBe(`${here}/message`);
  expect(thirdParty.requests).toEqual([]);

  const image = page.waitForResponse(`${thirdParty.url}/pixel`);
  await page.getByRole('link', { name: 'Load remote images (the sender will see it)' }).click();
  await image;
  await tryAll();
  expect(page.frames()[1]?.url()).toBe(`${here}/message?images=remote`);
  await expect.poll(() => [...thirdParty.requests].sort()).toEqual(['/background', '/pixel']);

  // Outside the frame, the document is as restricted.
  await page.goto(`${here}/message`);
  expect(await page.locator('#written').textContent()).toBe('by the mail');
  await page.getByRole('button', { name: 'Send' }).click();
  expect(page.url()).toBe(`${here}/message`);
  expect(thirdParty.requests).toHaveLength(2);
});

test('an admin makes a user with the keyboard alone, and the user chooses a password of their own', async () => {
  const page = await open('/users');
  await signIn(page);
  await page.getByLabel('Name').focus();
  await page.keyboard.type('dora');
  await page.keyboard.press('Tab');
  await page.keyboard.type('operator');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Password for dora' }).waitFor();
  const generated = (await page.locator('pre').textContent())?.trim() ?? '';

  const own = await open('/mails');
  await own.getByLabel('Name').fill('dora');
  await own.getByLabel('Password').fill(generated);
  await own.keyboard.press('Enter');
  await own.getByText('Choose a password of your own').waitFor();
  await own.getByLabel('Present password').fill(generated);
  await own.getByLabel('New password', { exact: true }).fill('battery staple');
  await own.getByLabel('New password again').fill('battery staple');
  await own.keyboard.press('Enter');
  await own.getByRole('status').getByText('The password is changed.').waitFor();
  expect(await own.locator('.account').textContent()).toMatch(/dora\s+operator/);
  expect(errors).toEqual([]);
});

test('the pages can be read without script', async () => {
  const page = await open('/', { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await signIn(page);
  await page.getByText('Show data').first().click();
  await page.getByRole('columnheader', { name: 'Sent' }).first().waitFor();
  await page.getByText('Times are in UTC').waitFor();
});

test.each([
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('at $width px, $colorScheme, every page is accessible and does not scroll sideways', async ({ width, colorScheme }) => {
  const page = await open('/login', { colorScheme, viewport: { width, height: 800 } });
  const issues = await issuesOf(page);
  await signIn(page);
  const mails = await Promise.all([past.failed, past.uncertain].map(async (record) => `/mails/${await imported(record)}`));
  for (const path of [
    '/',
    '/mails',
    ...mails,
    '/failures',
    '/templates',
    '/templates/signup?sample=long&locale=ko&width=375',
    '/keys',
    '/users',
    '/users/admin',
    '/users/dora',
    '/users/dora/remove',
    '/account',
    '/audit?of=failed-sign-ins',
    '/search?q=nobody',
    '/there-is-no-such-page',
  ]) {
    await page.goto(url + path);
    issues.push(...(await issuesOf(page)));
  }
  expect(issues).toEqual([]);
  expect(errors.filter((text) => !text.includes('404'))).toEqual([]);
});

/** Violations that axe finds, and whether the page is wider than the screen. */
async function issuesOf(page: Page): Promise<string[]> {
  const name = new URL(page.url()).pathname;
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
  return [
    ...(overflow > 0 ? [`${name}: ${overflow} px wider than the screen`] : []),
    ...violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`),
  ];
}

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}
