/** Pictures of mails that differ: before and after beside each other, wide and light, narrow and dark. */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { CommandError } from '../../command.ts';
import type { ChangedMail } from './compare-sets.ts';
import { mailName } from './report-page.ts';

const views = [
  { width: 600, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark' },
] as const;

/**
 * Starts a Chromium or Chrome.
 * @param candidates where it may be; the first that exists is started
 * @throws CommandError `no-browser`
 */
export async function startBrowser(candidates: readonly string[]): Promise<Browser> {
  const exist = await Promise.all(
    candidates.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const executablePath = candidates.find((_, index) => exist[index]);
  const fix = 'Set CHROMIUM_PATH to a Chromium or Chrome, or leave --pictures out: the page needs none.';
  if (executablePath === undefined) throw new CommandError('no-browser', `The pictures need a browser, and none was found. ${fix}`);
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath }).catch((error: Error) => {
    throw new CommandError('no-browser', `${executablePath} does not start: ${error.message.split('\n')[0]}. ${fix}`);
  });
}

/**
 * Writes a PNG for each mail. A mail loads nothing and runs no script while its picture is taken.
 * @returns the names of the files
 */
export async function takePictures(browser: Browser, mails: readonly ChangedMail[], folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const mail of mails) {
    const images: string[] = [];
    for (const view of views) {
      for (const side of [mail.before, mail.after]) images.push(side === undefined ? '' : await image(browser, side.html, view));
    }
    const file = `${mailName(mail)}.png`;
    await writeFile(join(folder, file), await besideEachOther(browser, images));
    files.push(file);
  }
  return files;
}

async function image(browser: Browser, html: string, { width, colorScheme }: (typeof views)[number]): Promise<string> {
  const viewport = { width, height: 300 };
  const context = await browser.newContext({ viewport, colorScheme, offline: true, javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.setContent(html);
    const png = await page.screenshot({ fullPage: true });
    return `<img width="${width}" src="data:image/png;base64,${png.toString('base64')}">`;
  } finally {
    await context.close();
  }
}

async function besideEachOther(browser: Browser, images: readonly string[]): Promise<Buffer> {
  const width = 2 * views.reduce((sum, view) => sum + view.width, 0) + 5 * 16;
  const context = await browser.newContext({ viewport: { width, height: 300 }, offline: true });
  try {
    const page = await context.newPage();
    const columns = images.map((each, index) => `<td width="${views[index >> 1]?.width}">${each}</td>`).join('');
    const style = 'margin:0;background:#8a8f98';
    await page.setContent(
      `<!doctype html><body style="${style}"><table cellspacing="16" cellpadding="0"><tr valign="top">${columns}</tr></table></body>`,
    );
    return await page.screenshot({ fullPage: true });
  } finally {
    await context.close();
  }
}
