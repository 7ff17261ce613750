/**
 * The pictures of README and docs, of the sandbox as `npm start` shows it: `npm run pictures` writes them to docs/images. The most
 * seen ones are there in light and in dark. Times, ids and addresses differ between runs.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { timings } from '@posthouse/contract';
import { type Browser, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { afterAll, beforeAll, test } from 'vitest';
import { Sandbox } from '../src/sandbox.ts';
import { sandboxSettings } from './sandbox-settings.ts';

const images = new URL('../../../docs/images/', import.meta.url);
const desk = { width: 1280, height: 960 };
const phone = { width: 390, height: 844 };

const sandbox = new Sandbox(sandboxSettings, timings.sandbox, () => undefined);
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), sandbox.start()]);
});
afterAll(async () => {
  await browser?.close();
  await sandbox.stop();
});

type Scheme = 'light' | 'dark';

async function open(url: string, viewport: typeof desk, colorScheme: Scheme): Promise<Page> {
  const context = await browser.newContext({
    ...{ viewport, colorScheme, deviceScaleFactor: 2, locale: 'en-GB', timezoneId: 'Asia/Seoul', reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function signedIn(viewport: typeof desk, colorScheme: Scheme): Promise<Page> {
  const page = await open(`${sandbox.urls.dashboard}/login`, viewport, colorScheme);
  await page.getByLabel('Name').fill(sandbox.admin.name);
  await page.getByLabel('Password').fill(sandbox.admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return page;
}

/** Writes what the page shows as WebP, which playwright itself does not. @param from px below the top of the page */
async function picture(page: Page, name: string, from = 0): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const { width, height } = page.viewportSize() ?? desk;
  const browserSession = await page.context().newCDPSession(page);
  const { data } = await browserSession.send('Page.captureScreenshot', {
    ...{ format: 'webp', quality: 88, captureBeyondViewport: true, clip: { x: 0, y: from, width, height, scale: 1 } },
  });
  await writeFile(fileURLToPath(new URL(`${name}.webp`, images)), Buffer.from(data, 'base64'));
}

test('the sign-up page and the mail that it sends', async () => {
  const page = await open(sandbox.urls.pages, { width: 1280, height: 760 }, 'light');
  await picture(page, 'sandbox-signup');
  await page.getByLabel('Nickname').fill('Haru');
  await page.getByLabel('Email').fill('haru@example.com');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('link', { name: 'Open the mail' }).click();
  await page.frameLocator('iframe').getByRole('heading').first().waitFor();
  await page.setViewportSize({ width: 1000, height: 1200 });
  await picture(page, 'mail-signup');
});

test('the page of users', async () => {
  const page = await signedIn({ width: 1280, height: 780 }, 'light');
  for (const [name, role] of [
    ['anne', 'operator'],
    ['bo-ram', 'viewer'],
  ] as const) {
    await page.goto(`${sandbox.urls.dashboard}/users`);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Role').selectOption(role);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('it is not shown again').waitFor();
  }
  await page.goto(`${sandbox.urls.dashboard}/users`);
  await picture(page, 'dashboard-users');
});

test.each(['light', 'dark'] as const)('the dashboard, %s', async (scheme) => {
  const page = await signedIn(desk, scheme);
  const { dashboard } = sandbox.urls;
  const suffix = scheme === 'dark' ? '-dark' : '';
  await page.getByRole('link', { name: 'Hour', exact: true }).click();
  await page.locator('.plot canvas').waitFor();
  // The worker reports how long the mail of the sign-up waited.
  await page.getByText('From due to accepted by the relay (last hour)').waitFor();
  await picture(page, `dashboard-overview${suffix}`);
  await page.goto(`${dashboard}/failures`);
  await picture(page, `dashboard-failures${suffix}`);
  await page.goto(`${dashboard}/mails?state=failed&reason=552+5.2.2`);
  await page.locator('.subject a').first().click();
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await picture(page, `dashboard-mail${suffix}`);
  await page.context().close();
});

test('the text of a mail with a masked link', async () => {
  const page = await signedIn({ width: 1280, height: 900 }, 'light');
  await page.goto(`${sandbox.urls.dashboard}/mails?state=sent&template=password-reset`);
  await page.getByRole('link', { name: 'Set a new password' }).first().click();
  await page.getByRole('link', { name: 'Text', exact: true }).click();
  await page.locator('pre').getByText('Choose a new password').first().waitFor();
  const top = await page.getByRole('heading', { name: 'Message' }).evaluate((heading) => heading.getBoundingClientRect().top + scrollY);
  await picture(page, 'dashboard-masked', top - 28);
});

test('a list on a phone', async () => {
  const page = await signedIn(phone, 'light');
  await page.goto(`${sandbox.urls.dashboard}/mails?state=failed`);
  await picture(page, 'dashboard-phone');
});
