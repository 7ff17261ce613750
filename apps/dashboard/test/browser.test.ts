/** The pages in a real browser: signing in, what is live, and that everybody can read it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { BulkJobs, BulkRunner, importRecords } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DashboardFixture, password } from './dashboard-fixture.ts';
import { ended, queued } from './sample-records.ts';

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const dashboard = new DashboardFixture();
let browser: Browser;
let url: string;
let complaints: string[];

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

/** A page at the sign-in, or at what was asked for once signed in. Whatever its console complains of is kept. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ timezoneId: 'Asia/Seoul', ...options })).newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(url + path);
  return page;
}

async function signIn(page: Page, name = 'admin'): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('somebody signs in, is where they wanted to be, sees times in their zone, and signs out', async () => {
  const page = await open('/?from=a-link');
  await page.getByLabel('Name').fill('viewer');
  await page.getByLabel('Password').fill('not this one');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('do not go together').waitFor();
  await signIn(page, 'viewer');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(page.url()).toBe(`${url}/?from=a-link`);
  await page.getByText('Times are in Asia/Seoul').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('the overview is live, keeps what the reader has opened, says when it breaks off, and leads to the sign-in when the session is over', async () => {
  const page = await open('/');
  await signIn(page);
  const failed = page.getByRole('link', { name: /^Failed/ });
  await failed.getByText('1', { exact: true }).waitFor();
  expect(await page.locator('.plot canvas').count()).toBe(2);
  await page.getByText('The figures').first().click();
  await importRecords(dashboard.connection, [ended('failed', '550 5.1.1')]);
  await failed.getByText('2', { exact: true }).waitFor();
  expect(await page.locator('details[open]').count()).toBe(1);
  expect(await page.locator('.plot canvas').count()).toBe(2);
  expect(complaints).toEqual([]);

  await dashboard.redis.kill('SIGSTOP');
  await page.getByText('The live view broke off').waitFor();
  await dashboard.redis.kill('SIGCONT');
  await page.getByText('The live view broke off').waitFor({ state: 'hidden' });

  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  await dashboard.post('/logout', {}, { cookie });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a group is retried: looked over, started, stopped, let go on, and watched until it is done, by the keyboard alone', async () => {
  const runner = new BulkRunner(dashboard.connection, () => undefined);
  await runner.start();
  await importRecords(
    dashboard.connection,
    Array.from({ length: 8 }, (_, n) => ended('failed', '452 4.2.2', n * 1000)),
  );
  const page = await open('/failures');
  await signIn(page, 'operator');
  await press(page, page.getByRole('button', { name: 'Retry (8)' }));
  await page.getByRole('heading', { name: 'Retry: 8 mails' }).waitFor();
  await page.getByLabel('Mails a second').fill('4');
  await page.keyboard.press('Enter');
  await press(page, page.getByRole('button', { name: 'Stop' }));
  await press(page, page.getByRole('button', { name: 'Go on' }));
  await page.getByText('Done', { exact: true }).waitFor();
  expect(await page.getByRole('progressbar', { name: 'Retry' }).getAttribute('value')).toBe('8');
  expect(complaints).toEqual([]);
  await runner.stop();
});

test('an operator pauses the queue and resumes it; the raw board shows it to an admin, and loads nothing from elsewhere', async () => {
  const page = await open('/queue');
  const elsewhere: string[] = [];
  page.on('request', (request) => !request.url().startsWith(url) && elsewhere.push(request.url()));
  await signIn(page);
  await page.getByRole('link', { name: 'Pause…' }).click();
  await page.getByRole('button', { name: 'Pause the queue' }).click();
  await page.getByText('By admin since').waitFor();
  await page.getByRole('link', { name: 'Raw board' }).click();
  await page.getByText('PRIORITIZED').first().waitFor();
  await page.goto(`${url}/queue`);
  await page.getByRole('link', { name: 'Resume…' }).click();
  await page.getByRole('button', { name: 'Resume the queue' }).click();
  await page.getByText('Running', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('cell', { name: 'resume the queue' }).waitFor();
  expect(elsewhere).toEqual([]);
});

test('reading needs no script', async () => {
  const page = await open('/', { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await signIn(page);
  await page.getByText('The figures').first().click();
  await page.getByRole('columnheader', { name: 'Accepted by the relay' }).first().waitFor();
  await page.getByText('Times are in UTC').waitFor();
});

test.each([
  { width: 1280, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const)('at $width px, $colorScheme, every page can be read by everybody, and scrolls only down', async ({ width, colorScheme }) => {
  const page = await open('/login', { colorScheme, viewport: { width, height: 800 } });
  const faults = await faultsOf(page);
  await signIn(page);
  const work = { action: 'retry', scope: { filter: {} }, by: 'anne', perSecond: 1 } as const;
  const bulk = await new BulkJobs(dashboard.connection).start(work);
  const ours = ['/queue', '/queue/pause', '/bulk', '/bulk/new?action=retry', `/bulk/${bulk}`, '/audit'];
  for (const path of ['/', '/mails', '/failures', ...ours, '/there-is-no-such-page']) {
    await page.goto(url + path);
    faults.push(...(await faultsOf(page)));
  }
  expect(faults).toEqual([]);
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
});

/** Focuses a button, as the tab key would, presses it, and waits for the page that it leads to. */
async function press(page: Page, button: ReturnType<Page['getByRole']>): Promise<void> {
  await button.focus();
  await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
}

/** What axe finds, and that the page is not wider than the screen. */
async function faultsOf(page: Page): Promise<string[]> {
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
