/** A night's work in a real browser: find the mail, read why it failed, mend the server, retry the group, watch it go out. */
import { type Browser, type BrowserContext, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardEnvironment, password } from './dashboard-environment.ts';

const house = new DashboardEnvironment();
let browser: Browser;
let context: BrowserContext;
let page: Page;
const ids: string[] = [];

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), house.start()]);
  house.smtp.replyTo('RCPT', { reply: '550 5.1.1 no such mailbox' });
  ids.push(...(await Promise.all(['anne', 'berta', 'carl'].map((name) => house.accept(`${name}@example.net`)))));
  context = await browser.newContext();
  page = await context.newPage();
});
afterAll(async () => {
  await browser.close();
  await house.stop();
});

async function signIn(who: Page, role: string): Promise<void> {
  await who.goto(`${house.url}/login`);
  await who.getByLabel('Name').fill(role);
  await who.getByLabel('Password').fill(password);
  await who.getByRole('button', { name: 'Sign in' }).click();
  await who.waitForURL(`${house.url}/`);
}

it('a mail is found by its recipient, and its page tells why it failed', async () => {
  for (const id of ids) await expect.poll(() => house.state(id)).toBe('failed');
  await signIn(page, 'operator');
  await page.getByRole('link', { name: 'Mails', exact: true }).click();
  await page.getByText('Filter', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Recipient' }).fill('anne@example.net');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  expect(await page.getByRole('row').count()).toBe(2);
  await page.getByRole('link', { name: 'anne@example.net', exact: true }).click();
  await page.waitForURL(`${house.url}/mails/${ids[0]}`);
  const main = await page.locator('main').textContent();
  expect(main).toContain('550 5.1.1');
  expect(main).toContain('there is no such mailbox');
});

it('a viewer sees it all and can change none of it', async () => {
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'viewer');
  for (const path of [`/mails/${ids[0]}`, '/failures', '/mails', '/queue']) {
    await other.goto(house.url + path);
    expect(await other.locator('main form[method="post"], main form[action="/bulk/new"]').count(), path).toBe(0);
  }
  const cookie = await house.signIn('viewer');
  expect((await house.post(`/mails/${ids[0]}/actions`, { preference: 'retry' }, cookie)).status).toBe(403);
  expect((await house.post('/bulk', { action: 'retry', state: 'failed', perSecond: '10' }, cookie)).status).toBe(403);
  await other.context().close();
});

it('once the server is mended the group is retried, and turns to sent before the eyes of whoever watches', async () => {
  house.smtp.behave();
  await page.goto(`${house.url}/mails/${ids[1]}`);
  const watching = page;
  const working = await context.newPage();
  await working.goto(`${house.url}/failures`);
  await working.getByRole('button', { name: 'Retry (3)' }).click();
  expect(await working.locator('main').textContent()).toContain('3 mails');
  await working.getByRole('button', { name: 'Retry: 3 mails' }).click();
  await working.waitForURL(/\/bulk\/[0-9a-f-]{36}$/);
  await working.getByText('3 of 3').waitFor();
  await watching.getByText('Accepted by the relay', { exact: true }).first().waitFor();
  for (const id of ids) await expect.poll(() => house.state(id)).toBe('sent');
  await working.goto(`${house.url}/failures`);
  await working.getByText('No mail is in trouble').waitFor();
});

it('retrying all of them three times more sends nothing', async () => {
  const before = house.smtp.arrivals.size;
  const cookie = await house.signIn('operator');
  for (let time = 0; time < 3; time++) {
    const { headers } = await house.post('/bulk', { action: 'retry', perSecond: '100' }, cookie);
    const work = headers.get('location') as string;
    await expect.poll(async () => (await house.get(work, cookie)).text()).toContain('<span>Done</span>');
  }
  for (const id of ids) expect(await house.state(id)).toBe('sent');
  expect(house.smtp.arrivals.size).toBe(before);
  expect([...house.smtp.arrivals.values()]).toEqual([1, 1, 1]);
});
