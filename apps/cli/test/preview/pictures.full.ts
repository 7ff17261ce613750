/** The pictures of docs/preview.md: `npm run pictures` writes them to docs/images. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PreviewFixture } from './preview-fixture.ts';

const images = new URL('../../../../docs/images/', import.meta.url);
let browser: Browser;
let fixture: PreviewFixture;

beforeAll(async () => {
  [browser, fixture] = await Promise.all([launchBrowser(process.env), PreviewFixture.start()]);
});
afterAll(async () => {
  await browser?.close();
  await fixture?.stop();
});

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext({ deviceScaleFactor: 2, reducedMotion: 'reduce', ...options })).newPage();
  await page.goto(fixture.url + path);
  return page;
}

/** Writes what the page shows as WebP, which playwright itself does not. */
async function picture(page: Page, name: string): Promise<void> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 88,
    clip: { x: 0, y: 0, width, height, scale: 1 },
  });
  await writeFile(fileURLToPath(new URL(`${name}.webp`, images)), Buffer.from(data, 'base64'));
}

test('the contact sheet', async () => {
  const page = await open('/', { viewport: { width: 1280, height: 960 } });
  await expect.poll(() => page.frames().filter((frame) => frame.url().includes('/_/frame/')).length).toBeGreaterThan(12);
  await page.waitForLoadState('networkidle');
  await picture(page, 'preview-sheet');
});

test('a mail that is opened', async () => {
  const page = await open('/signup/default/en', { viewport: { width: 1280, height: 960 } });
  await page.frameLocator('#stage iframe').getByRole('heading').first().waitFor();
  await page.locator('#findings .finding').first().waitFor();
  await picture(page, 'preview-mail');
});

test('a wrong value', async () => {
  const page = await open('/receipt/default/en?w=375', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await page.getByLabel('total').fill('a lot');
  await page.locator('#stage .notice').waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, 'preview-issue-dark');
});
