/**
 * The pictures of docs/templates.md: `npm run pictures` writes them to docs/images. One for each mail of the gallery, with both languages,
 * both widths, both colour schemes and a right-to-left sample; and one of the template that the page makes.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, launchBrowser } from '@posthouse/devkit/browser';
import { loadRenderer } from '@posthouse/templates/render';
import { afterAll, beforeAll, expect, test } from 'vitest';

const docs = new URL('../../../docs/', import.meta.url);
const templates = fileURLToPath(new URL('../../../templates', import.meta.url));

interface State {
  sample: string;
  locale: string;
  width: number;
  colorScheme: 'light' | 'dark';
}

const states: State[] = [
  { sample: 'default', locale: 'ko', width: 600, colorScheme: 'light' },
  { sample: 'default', locale: 'en', width: 375, colorScheme: 'dark' },
  { sample: 'right-to-left', locale: 'en', width: 375, colorScheme: 'light' },
];
const statesOfFirst: State[] = [
  { sample: 'default', locale: 'en', width: 600, colorScheme: 'light' },
  { sample: 'default', locale: 'ko', width: 375, colorScheme: 'dark' },
];
const gap = 16;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser(process.env);
});
afterAll(() => browser?.close());

test('every mail of the gallery', async () => {
  const { catalogue } = await loadRenderer(templates);
  const names = [...catalogue.templates.keys()];
  expect(names).toHaveLength(8);
  for (const name of names) await picture(templates, name, states, `gallery-${name}`);
});

test('the first template of docs/templates.md', async () => {
  const set = await mkdtemp(join(tmpdir(), 'posthouse-pictures-'));
  try {
    await cp(join(templates, '_layout'), join(set, '_layout'), { recursive: true });
    const page = await readFile(new URL('templates.md', docs), 'utf8');
    for (const [, path = '', text = ''] of page.matchAll(/^```\w+ (\S+\.\w+)\n([\s\S]*?)^```$/gm)) {
      await mkdir(dirname(join(set, 'order-shipped', path)), { recursive: true });
      await writeFile(join(set, 'order-shipped', path), text);
    }
    await picture(set, 'order-shipped', statesOfFirst, 'first-template');
  } finally {
    await rm(set, { recursive: true });
  }
});

/** Writes a picture of a template in some states beside each other. */
async function picture(set: string, name: string, shown: readonly State[], file: string): Promise<void> {
  const renderer = await loadRenderer(set);
  const mails = [];
  for (const { sample, locale, width, colorScheme } of shown) {
    const { html } = renderer.render(name, renderer.catalogue.templates.get(name)?.samples[sample] ?? {}, locale);
    const context = await browser.newContext({ viewport: { width, height: 300 }, colorScheme, offline: true, deviceScaleFactor: 1.5 });
    const page = await context.newPage();
    await page.setContent(html);
    const image = await page.screenshot({ fullPage: true });
    await context.close();
    mails.push(`<img width="${width}" src="data:image/png;base64,${image.toString('base64')}">`);
  }
  const width = shown.reduce((sum, state) => sum + state.width + gap, gap);
  const page = await browser.newPage({ viewport: { width, height: 300 } });
  const style = `display:flex;gap:${gap}px;align-items:flex-start;margin:0;padding:${gap}px;background:#8A8F98`;
  await page.setContent(`<!doctype html><body style="${style}">${mails.join('')}</body>`);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    ...{ format: 'webp', quality: 78, captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 0.75 } },
  });
  await writeFile(new URL(`images/${file}.webp`, docs), Buffer.from(data, 'base64'));
  await page.close();
}
