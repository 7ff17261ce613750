/** Mails in a real browser: an operator's tasks in the list and on a mail's page, the keyboard, and new mails, on a wide screen and on a phone. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { importRecords, newMailId } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { acceptedRecord, pastRecords } from './past-records.ts';
import { ended, queued } from './sample-records.ts';

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const dashboard = new DashboardFixture();
/** 14:30 in Seoul. */
const halfPastTwo = Date.UTC(2026, 10, 22, 5, 30);
const wanted = ended('failed', '550 5.1.1', Date.now() - halfPastTwo, 'haru@gmail.com');
let browser: Browser;
let url: string;
let cookies: { name: string; value: string; url: string }[];
let errors: string[];

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), dashboard.start()]);
  url = await dashboard.listen();
  const ago = (minutesLater: number) => Date.now() - halfPastTwo - minutesLater * 60_000;
  await importRecords(dashboard.connection, [
    wanted,
    ended('failed', '550 5.1.1', ago(40), 'later@gmail.com'),
    ended('failed', '550 5.1.1', ago(5), 'elsewhere@example.net'),
    ended('sent', '250 2.0.0', ago(5), 'sent@gmail.com'),
  ]);
  cookies = (await dashboard.signIn('operator')).split('; ').map((cookie) => {
    const [name = '', value = ''] = cookie.split('=');
    return { name, value, url };
  });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await dashboard.stop();
});

/** Opens the list as a signed-in operator. Errors in its console are collected. */
async function openList(width: number, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ timezoneId: 'Asia/Seoul', viewport: { width, height: 800 }, ...options });
  await context.addCookies([...cookies, { name: 'zone', value: 'Asia/Seoul', url }]);
  const page = await context.newPage();
  errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(`${url}/mails`);
  return page;
}

/** axe finds nothing, and the page is not wider than the screen. */
async function expectAccessible(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: unknown[] }> } }).axe.run(),
  );
  expect(violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

test.each([
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
] as const)('at $width px: failed mails to gmail.com from 2 to 3 o’clock, as a CSV file', async ({ width, colorScheme }) => {
  const page = await openList(width, { colorScheme });
  await page.getByText('Filter', { exact: true }).click();
  await page.getByLabel('Recipient', { exact: true }).fill('gmail.com');
  await page.getByLabel('Failed', { exact: true }).check();
  await page.getByLabel('Received after').fill('2026-11-22T14:00');
  await page.getByLabel('Received before').fill('2026-11-22T15:00');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('1 mail', { exact: true }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'haru@gmail.com' });
  const link = row.getByRole('link', { name: 'Thank you for joining Your House Today!' });
  expect(await link.getAttribute('href')).toBe(`/mails/${wanted.id}`);

  // On a phone a mail takes two lines.
  const { height } = (await row.boundingBox()) ?? { height: 0 };
  if (width < 720) expect(height).toBeLessThan(80);
  await expectAccessible(page);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
  expect(lines.map((line) => line.split(',')[2])).toEqual(['recipients', 'haru@gmail.com']);
  expect(errors).toEqual([]);
});

test('the keyboard goes through the list, and never acts while something is typed', async () => {
  const page = await openList(1280);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href') ?? document.activeElement?.getAttribute('name'));
  const hrefs = await page.locator('.mail-rows .subject a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  await page.keyboard.press('/');
  await page.keyboard.type('j?/k');
  expect(await page.locator('input[name="q"]').inputValue()).toBe('j?/k');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  // What j types on a Korean keyboard.
  await page.locator(':focus').dispatchEvent('keydown', { key: 'ㅓ' });
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  expect(await focused()).toBe(hrefs[1]);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}${hrefs[1]}`);
  expect(errors).toEqual([]);
});

test('a bar says how many mails are new, in the language of the page, and loads them', async () => {
  const page = await openList(390, { locale: 'ko-KR' });
  await page.getByRole('heading', { name: '메일' }).waitFor();
  await importRecords(dashboard.connection, [queued(0, 'first@new.example'), queued(0, 'second@new.example')]);
  await page.getByRole('link', { name: '새 메일 2통' }).click();
  await page.getByRole('row').filter({ hasText: 'second@new.example' }).waitFor();
  expect(await page.locator('.new-mails:not([hidden])').count()).toBe(0);
  expect(errors).toEqual([]);
});

test('a filter is saved under a name, used and removed', async () => {
  const page = await openList(1280);
  await page.goto(`${url}/mails?state=failed&template=gone`);
  await page.getByText('Save this filter').click();
  await page.getByLabel('Name').fill('Lost template');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto(`${url}/mails`);
  await page.getByRole('link', { name: 'Lost template' }).click();
  await page.getByText('No mail on record has:').waitFor();
  expect(new URL(page.url()).search).toBe('?state=failed&template=gone');
  await page.getByText('Save this filter').click();
  await page.getByRole('button', { name: 'Remove Lost template' }).click();
  await page.getByText('haru@gmail.com').waitFor();
  expect(await page.getByText('Lost template').count()).toBe(0);
});

test.each([
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
] as const)('at $width px: did she get it, what did it say, send her a copy, who retried this, why does this one wait', async (options) => {
  const { width, colorScheme } = options;
  const address = `haru${width}@example.net`;
  const literal = { subject: `Order ${width}`, text: 'Your parcel is on its way.' };
  const to = { from: { address: 'hello@yourhouse.example' }, to: [{ address }], cc: [], bcc: [], replyTo: [] };
  const accepted = acceptedRecord({ envelope: to, content: { literal, attachments: [], headers: {} } }, Date.now() - 60_000);
  const { content: _replaced, ...sent } = accepted;
  const recipients = [{ address, kind: 'to' as const, state: 'accepted' as const, reason: '250 2.0.0', at: accepted.dueAt }];
  const kept = { keptContent: { literal, attachments: [], headers: {} }, contentUntil: Date.now() + 3_600_000 };
  const failed = { ...pastRecords().failed, id: newMailId() };
  await importRecords(dashboard.connection, [failed, { ...sent, state: 'sent', endedAt: accepted.dueAt, recipients, ...kept }]);
  const page = await openList(width, { colorScheme, permissions: ['clipboard-read', 'clipboard-write'] });

  // Did she get it? One Enter.
  await page.getByRole('searchbox').fill(address);
  await page.keyboard.press('Enter');
  await page
    .getByRole('row', { name: `Order ${width}` })
    .getByText('Sent', { exact: true })
    .waitFor();
  // What did it say? One click.
  await page.getByRole('link', { name: `Order ${width}` }).click();
  await page.getByText('Your parcel is on its way.').waitFor();
  await page.getByRole('button', { name: 'Copy: Mail id' }).click();
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(accepted.id);
  // Send her a copy: two clicks.
  await page.getByRole('link', { name: 'Send a copy…' }).click();
  expect(await page.getByLabel('To 1 recipient').inputValue()).toBe(address);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send a copy' }).click();
  await page.getByRole('status').getByText('The copy is accepted and will be sent.').waitFor();
  // Why does this one wait? Its page says so.
  await page.getByText('Attempt 1 of 10 is next.').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Go to the original' }).click();
  await page.getByText('Send a copy by operator').waitFor();

  // Who retried this? Its page says so; a retry is two clicks.
  await page.goto(`${url}/mails/${failed.id}`);
  await page.getByRole('link', { name: 'Retry…' }).click();
  await page.getByText('The server knows no such address: anne@example.net').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByText('Retry by operator').waitFor();
  expect(errors).toEqual([]);
});
