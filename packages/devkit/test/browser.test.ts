import { expect, test } from 'vitest';
import { launchBrowser } from '../src/browser.ts';

test.each(['C', 'C.UTF-8', 'ko_KR.UTF-8'])('pages have a valid locale when the machine has LANG=%s', async (locale) => {
  const browser = await launchBrowser({ ...process.env, LANG: locale, LC_ALL: locale });
  try {
    const page = await browser.newPage();
    expect(await page.evaluate(() => [navigator.language, new Intl.DateTimeFormat().resolvedOptions().locale])).toEqual(['en-US', 'en-US']);
  } finally {
    await browser.close();
  }
});
