/** The dashboard in a real browser, and an operator in front of it whose clicks are counted. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, type Locator, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { expect } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';

/** A desk and a phone; between them both colour schemes. */
export const screens = [
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
] as const;

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Expects that axe finds nothing, and that the page is not wider than the screen. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

export class BrowserFixture extends DashboardFixture {
  browser!: Browser;
  /** Without a slash at its end. */
  url = '';
  #cookies: { name: string; value: string; url: string }[] = [];

  override async start(): Promise<void> {
    [this.browser] = await Promise.all([launchBrowser(process.env), super.start()]);
    this.url = await this.listen();
    const { url } = this;
    this.#cookies = (await this.signIn('operator')).split('; ').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return { name, value, url };
    });
  }

  override async stop(): Promise<void> {
    await this.browser?.close();
    await super.stop();
  }

  /** Closes the pages that a test has opened. */
  async closePages(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }

  /** An operator in Seoul who has signed in and looks at a page. @param path of the page */
  async operator(path: string, options: BrowserContextOptions = {}): Promise<Operator> {
    const context = await this.browser.newContext({ timezoneId: 'Asia/Seoul', ...options });
    await context.addCookies([...this.#cookies, { name: 'zone', value: 'Asia/Seoul', url: this.url }]);
    const operator = new Operator(await context.newPage());
    await operator.page.goto(this.url + path);
    return operator;
  }
}

/** Someone who uses the pages by hand. What they type is not counted, each click is, and Enter counts as one. */
export class Operator {
  readonly page: Page;
  /** Errors in the console of the page. */
  readonly errors: string[] = [];
  clicks = 0;

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => message.type() === 'error' && this.errors.push(message.text()));
    page.on('pageerror', ({ message }) => this.errors.push(message));
  }

  async click(target: Locator): Promise<void> {
    this.clicks++;
    await target.click();
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.click(this.page.getByRole('link', { name, exact: typeof name === 'string' }));
  }

  async press(name: string | RegExp): Promise<void> {
    await this.click(this.page.getByRole('button', { name, exact: typeof name === 'string' }));
  }

  /** Types into the search at the top of every page, and presses Enter. */
  async search(text: string): Promise<void> {
    await this.page.getByRole('searchbox').fill(text);
    this.clicks++;
    await this.page.keyboard.press('Enter');
  }

  /** Waits until the page shows a text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }
}
