/**
 * The pictures of the gallery's mails for docs/templates.md: `npm run pictures` writes them to docs/images, one for each mail, with both
 * languages, both widths, both colour schemes and a right-to-left sample.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, launchBrowser } from '@posthouse/devkit/browser';
import { loadRenderer, type Renderer } from '@posthouse/templates/render';
import { afterAll, beforeAll, expect, test } from 'vitest';

const images = new URL('../../../docs/images/', import.meta.url);
const templates = fileURLToPath(new URL('../../../templates', import.meta.url));

const states = [
  { sample: 'default', locale: 'ko', width: 600, colorScheme: 'light' },
  { sample: 'default', locale: 'en', width: 375, colorScheme: 'dark' },
  { sample: 'right-to-left', locale: 'en', width: 375, colorScheme: 'light' },
] as const;
const gap = 16;
const width = states.reduce((sum, state) => sum + state.width + gap, gap);

let browser: Browser;
let renderer: Renderer;
beforeAll(async () => {
  [browser, renderer] = await Promise.all([launchBrowser(process.env), loadRenderer(templates)]);
});
afterAll(() => browser?.close());

async function picture(name: string, { sample, locale, width, colorScheme }: (typeof states)[number]): Promise<string> {
  const context = await browser.newContext({ viewport: { width, height: 300 }, colorScheme, offline: true, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.setContent(renderer.render(name, renderer.catalogue.templates.get(name)?.samples[sample] ?? {}, locale).html);
  const image = await page.screenshot({ fullPage: true });
  await context.close();
  return `<img width="${width}" src="data:image/png;base64,${image.toString('base64')}">`;
}

test('every mail of the gallery', async () => {
  const names = [...renderer.catalogue.templates.keys()];
  expect(names).toHaveLength(8);
  for (const name of names) {
    const pictures = [];
    for (const state of states) pictures.push(await picture(name, state));
    const page = await browser.newPage({ viewport: { width, height: 300 } });
    const style = `display:flex;gap:${gap}px;align-items:flex-start;margin:0;padding:${gap}px;background:#8A8F98`;
    await page.setContent(`<!doctype html><body style="${style}">${pictures.join('')}</body>`);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', {
      ...{ format: 'webp', quality: 78, captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 0.75 } },
    });
    await writeFile(fileURLToPath(new URL(`gallery-${name}.webp`, images)), Buffer.from(data, 'base64'));
    await page.close();
  }
});
