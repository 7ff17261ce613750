/** An incident handled in a real browser: find the mail, read why it failed, fix the server, retry the group, watch it being sent. */
import type { MailContent } from '@posthouse/contract';
import { type Browser, type BrowserContext, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardEnvironment, password } from './dashboard-environment.ts';

const environment = new DashboardEnvironment();
let browser: Browser;
let context: BrowserContext;
let page: Page;
const ids: string[] = [];

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), environment.start()]);
  environment.smtp.replyTo('RCPT', { reply: '550 5.1.1 no such mailbox' });
  ids.push(...(await Promise.all(['anne', 'berta', 'carl'].map((name) => environment.accept(`${name}@example.net`)))));
  context = await browser.newContext();
  page = await context.newPage();
});
afterAll(async () => {
  await browser.close();
  await environment.stop();
});

async function signIn(page: Page, role: string): Promise<void> {
  await page.goto(`${environment.url}/login`);
  await page.getByLabel('Name').fill(role);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${environment.url}/`);
}

it('a mail is found by its recipient, and its page shows why it failed', async () => {
  for (const id of ids) await expect.poll(() => environment.state(id)).toBe('failed');
  await signIn(page, 'operator');
  await page.getByRole('link', { name: 'Mails', exact: true }).click();
  await page.getByText('Filter', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Recipient' }).fill('anne@example.net');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await expect.poll(() => page.getByRole('row').count()).toBe(2);
  await page.getByRole('row').filter({ hasText: 'anne@example.net' }).getByRole('link').first().click();
  await page.waitForURL(`${environment.url}/mails/${ids[0]}`);
  const main = await page.locator('main').textContent();
  expect(main).toContain('550 5.1.1');
  expect(main).toContain('no such mailbox');
});

it('a viewer sees everything and can change nothing', async () => {
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'viewer');
  for (const path of [`/mails/${ids[0]}`, '/failures', '/mails', '/queue']) {
    await other.goto(environment.url + path);
    expect(await other.locator('main form[method="post"], main form[action="/bulk/new"]').count(), path).toBe(0);
  }
  const cookie = await environment.signIn('viewer');
  expect((await environment.post(`/mails/${ids[0]}/actions`, { action: 'retry' }, cookie)).status).toBe(403);
  expect((await environment.post('/bulk', { action: 'retry', state: 'failed', perSecond: '10' }, cookie)).status).toBe(403);
  await other.context().close();
});

it('once the server is fixed the group is retried, and an open page shows the mail as sent', async () => {
  environment.smtp.clearFaults();
  await page.goto(`${environment.url}/mails/${ids[1]}`);
  const watching = page;
  const working = await context.newPage();
  await working.goto(`${environment.url}/failures`);
  await working.getByRole('checkbox', { name: 'Select 550 5.1.1' }).click();
  await working.getByRole('button', { name: 'Retry', exact: true }).click();
  await expect.poll(() => working.locator('main').textContent()).toContain('3 mails');
  await working.getByRole('button', { name: 'Retry: 3 mails' }).click();
  await working.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  await working.getByText('3 of 3').waitFor();
  await watching.getByText('Sent', { exact: true }).first().waitFor();
  for (const id of ids) await expect.poll(() => environment.state(id)).toBe('sent');
  await working.goto(`${environment.url}/failures`);
  await working.getByText('No failing mails').waitFor();
});

it('retrying all of them three more times sends nothing', async () => {
  const before = environment.smtp.arrivals.size;
  const cookie = await environment.signIn('operator');
  for (let n = 0; n < 3; n++) {
    const { headers } = await environment.post('/bulk', { action: 'retry', mails: 'all', perSecond: '100' }, cookie);
    const job = headers.get('location') as string;
    await expect.poll(async () => (await environment.get(job, cookie)).text()).toContain('<span>Done</span>');
  }
  for (const id of ids) expect(await environment.state(id)).toBe('sent');
  expect(environment.smtp.arrivals.size).toBe(before);
  expect([...environment.smtp.arrivals.values()]).toEqual([1, 1, 1]);
});

it('a sent mail still shows its message, with the reset link masked; content without a template is not kept', async () => {
  const data = { nickname: 'Dora', resetUrl: 'https://yourhouse.example/reset/planted-token', expiresInMinutes: 30 };
  const rest = { attachments: [], headers: {} };
  const sent = async (content: MailContent) => {
    const record = { ...environment.mail('dora@example.net'), content };
    await environment.queue.accept([record]);
    await expect.poll(() => environment.state(record.id)).toBe('sent');
    await page.goto(`${environment.url}/mails/${record.id}`);
  };
  await sent({ template: { name: 'password-reset', locale: 'en', data }, ...rest });
  await page.getByRole('heading', { name: 'Set a new password', level: 1 }).waitFor();
  const link = page.frameLocator('#message iframe').getByRole('link', { name: 'Choose a new password' });
  expect(await link.getAttribute('href')).toBe('#••••••');
  expect(await page.locator('main').textContent()).toContain('Sensitive values were not kept: /resetUrl');
  expect(await page.content()).not.toContain('planted-token');
  await sent({ literal: { subject: 'Planted subject', text: 'planted text' }, ...rest });
  await page.getByText('No content', { exact: true }).waitFor();
  expect(await page.content()).not.toMatch(/planted (subject|text)/i);
});
