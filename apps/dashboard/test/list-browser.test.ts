/** Lists and charts in a real browser: the keyboard, new mails, saved filters, selecting, and what the pointer reads in a chart. */
import { importRecords } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BrowserFixture } from './browser-fixture.ts';
import { ended, queued } from './sample-records.ts';

const dashboard = new BrowserFixture();

beforeAll(async () => {
  await dashboard.start();
  await importRecords(dashboard.connection, [
    ...[0, 1, 2].map((n) => ended('failed', '550 5.1.1', n * 60_000, `haru${n}@gmail.com`)),
    ...[0, 1].map((n) => ended('failed', '452 4.2.2', n * 60_000, `anne${n}@example.net`)),
  ]);
});
afterEach(() => dashboard.closePages());
afterAll(() => dashboard.stop());

test('the keyboard goes through the list, and never acts while something is typed', async () => {
  const { page, errors } = await dashboard.operator('/mails');
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
  await page.waitForURL(`${dashboard.url}${hrefs[1]}`);
  expect(errors).toEqual([]);
});

test('a bar says how many mails are new, in the language of the page, and loads them', async () => {
  const { page, errors } = await dashboard.operator('/mails', { locale: 'ko-KR', viewport: { width: 390, height: 844 } });
  await page.getByRole('heading', { name: '메일' }).waitFor();
  await importRecords(dashboard.connection, [queued(0, 'first@new.example'), queued(0, 'second@new.example')]);
  await page.getByRole('link', { name: '새 메일 2통' }).click();
  await page.getByRole('row').filter({ hasText: 'second@new.example' }).waitFor();
  expect(await page.locator('.new-mails:not([hidden])').count()).toBe(0);
  expect(errors).toEqual([]);
});

test('a filter is saved under a name, used and removed', async () => {
  const { page } = await dashboard.operator('/mails?state=failed&template=gone');
  await page.getByText('Save this filter').click();
  await page.getByLabel('Name').fill('Lost template');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto(`${dashboard.url}/mails`);
  await page.getByRole('link', { name: 'Lost template' }).click();
  await page.getByText('No mail on record has:').waitFor();
  expect(new URL(page.url()).search).toBe('?state=failed&template=gone');
  await page.getByText('Save this filter').click();
  await page.getByRole('button', { name: 'Remove Lost template' }).click();
  await page.getByText('haru0@gmail.com').waitFor();
  expect(await page.getByText('Lost template').count()).toBe(0);
});

test('a copy button puts what it names on the clipboard', async () => {
  const mail = ended('sent', '250 2.0.0');
  await importRecords(dashboard.connection, [mail]);
  const { page, errors } = await dashboard.operator(`/mails/${mail.id}`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy: Mail id' }).click();
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(mail.id);
  expect(errors).toEqual([]);
});

test('all causes of a page are selected at once, and the page says how many mails that are', async () => {
  const { page } = await dashboard.operator('/failures');
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
  await page.getByText('Selected causes: 2 · mails: 5').waitFor();
  await page.getByRole('checkbox', { name: 'Select 452 4.2.2' }).click();
  await page.getByText('Selected causes: 1 · mails: 3').waitFor();
});

test('the chart of a day or a week says what happened at the pointer, and leads to the mails of that time', async () => {
  const { page } = await dashboard.operator('/');
  const plot = page.locator('.u-over');
  await plot.hover({ position: { x: 40, y: 60 } });
  await page.getByText(/^\d\d:\d\d · Mails received 0 · Sent 0 · Failed 0$/).waitFor();
  await page.getByRole('link', { name: 'Week' }).click();
  await page.getByRole('heading', { name: 'Last 7 days, per 2 hours' }).waitFor();
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  await plot.click({ position: { x: 40, y: 60 } });
  await page.waitForURL(/\/mails\?from=.*&to=/);
});
