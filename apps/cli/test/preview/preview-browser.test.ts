/** The preview in a real browser: many states on one page, live updates, broken templates, wrong data, and nothing that leaves the machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostileHtml, ThirdPartyServer } from '@posthouse/devkit';
import { type Browser, type BrowserContextOptions, launchBrowser, type Page, type Request } from '@posthouse/devkit/browser';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { checkTemplates } from '@posthouse/templates/check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mailsDir, PreviewFixture } from './preview-fixture.ts';

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const thirdParty = new ThirdPartyServer();
let browser: Browser;
let fixture: PreviewFixture;
/** What the pages of a test asked other machines for, and errors in their consoles. */
let outside: string[] = [];
let errors: string[] = [];

beforeAll(async () => {
  [browser, fixture] = await Promise.all([launchBrowser(process.env), PreviewFixture.start(), thirdParty.start()]);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  // What a frame would load is refused by its policy, which the console reports.
  expect({ outside, errors: errors.filter((text) => !/Content Security Policy|sandboxed/.test(text)) }).toEqual({
    outside: [],
    errors: [],
  });
  [outside, errors] = [[], []];
});
afterAll(async () => {
  await browser?.close();
  await fixture?.stop();
  await thirdParty.stop();
  expect(thirdParty.requests).toEqual([]);
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  // Only a test that fails waits that long.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  // A request that the policy of a frame refuses is reported too, although it is never made.
  const isOutside = (request: Request) => !request.url().startsWith(fixture.url) && request.failure()?.errorText !== 'csp';
  for (const event of ['requestfinished', 'requestfailed'] as const) {
    context.on(event as 'requestfinished', (request) => {
      if (isOutside(request)) outside.push(request.url());
    });
  }
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(fixture.url + path);
  return page;
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

/** The frame of the opened mail: the last one, while the one before it still shows. */
const mailOf = (page: Page) => page.frameLocator('#stage iframe >> nth=-1');

/** Waits until the opened mail shows a text; the hidden preheader may have it too. */
const sees = (page: Page, text: string) => mailOf(page).getByText(text).filter({ visible: true }).first().waitFor();

test('a contact sheet shows twelve states of one template, each with a link of its own', async () => {
  const page = await open('/signup');
  await expect.poll(() => page.frames().filter((frame) => frame.url().includes('/_/frame/signup/')).length).toBeGreaterThanOrEqual(12);
  await page.frameLocator('.picture iframe >> nth=0').getByRole('heading', { name: '하루님' }).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('/');
  await page.keyboard.type('long en');
  await expect.poll(() => page.locator('.cover:visible').count()).toBe(4);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/signup/long/en?w=375&dark');
  await sees(page, "O'Brien");
  await page.keyboard.press('ArrowRight');
  await page.waitForURL('**/signup/long/en');
});

test('a saved change is shown, a broken template shows its issue, and the others go on', async () => {
  const path = 'signup/locales/en.json';
  const strings = JSON.parse(await readFile(join(mailsDir, path), 'utf8'));
  const source = await readFile(join(mailsDir, 'signup/template.mjml'), 'utf8');
  const [sheet, page] = [await open('/'), await open('/signup/default/en')];
  await sees(page, strings.button);
  await fixture.write(path, { ...strings, button: 'Come in, the door is open' });
  await sees(page, 'Come in, the door is open');
  await fixture.write('signup/template.mjml', source.replace("{{t 'button'}}", '{{nicknme}}'));
  await page.locator('#stage').getByText('nicknme').first().waitFor();
  expect(await page.locator('#stage').textContent()).toMatch(/signup\/template\.mjml:\d+\s.*nicknme/s);
  await expectAccessible(page);
  await sheet.locator('[data-name=receipt] iframe').first().scrollIntoViewIfNeeded();
  await sheet.frameLocator('[data-name=receipt] iframe >> nth=0').getByRole('cell', { name: '보리차와 귤' }).waitFor();
  await sheet.locator('[data-name=receipt] .count').getByText('No findings').waitFor();
  await sheet.locator('[data-name=signup] .template-head').scrollIntoViewIfNeeded();
  const found = await checkTemplates(fixture.dir, { names: ['signup'] });
  const [errors, warnings] = ['error', 'warning'].map((severity) => found.filter((finding) => finding.severity === severity).length);
  const count = sheet.locator('[data-name=signup] a.count');
  await count.getByText(`${errors} error${errors === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}`).waitFor();
  await expectAccessible(sheet);
  await count.click();
  await sheet.locator('#findings .finding.bad').getByText('signup/template.mjml').first().waitFor();
  expect(new URL(sheet.url()).pathname).toBe(`/signup/${found.find(({ severity }) => severity === 'error')?.sample ?? 'default'}/ko`);
  await fixture.write('signup/template.mjml', source);
  await sees(page, 'Come in, the door is open');
});

test.each([
  { width: 1280, height: 800, colorScheme: 'dark' as const },
  { width: 390, height: 844, colorScheme: 'light' as const },
])('a wrong value in the form has the message of the API, $width px wide', async ({ colorScheme, ...viewport }) => {
  const catalogue = await loadCatalogue(fixture.dir);
  const sample = catalogue.templates.get('receipt')?.samples['default'] ?? {};
  const [issue] = catalogue.check('receipt', { ...sample, total: 'a lot' });
  const page = await open('/receipt/default/en', { viewport, colorScheme });
  await sees(page, '보리차와 귤');
  // The whole width of the mail is on the screen.
  await expect.poll(async () => (await page.locator('#stage iframe').boundingBox())?.width).toBeLessThanOrEqual(viewport.width);
  await page.getByLabel('total').fill('a lot');
  await page
    .locator('#stage')
    .getByText(issue?.message ?? 'none')
    .waitFor();
  await page.locator('#stage').getByText('/data/total').waitFor();
  await page
    .locator('#data-form')
    .getByText(issue?.message ?? 'none')
    .waitFor();
  await expectAccessible(page);
  await page.getByLabel('total').fill('7');
  await sees(page, '₩7');
  await page.getByRole('button', { name: 'Add an entry to items' }).click();
  await expect.poll(() => mailOf(page).getByText('보리차와 귤').count()).toBe(2);
});

test('data in the fragment of a link is shown, and never sent as part of an address', async () => {
  const data = Buffer.from(JSON.stringify({ nickname: 'Bo from a link', email: 'bo@example.com' })).toString('base64url');
  const page = await open(`/signup#data=${data}&locale=en`);
  await sees(page, 'Bo from a link');
  expect(page.url()).not.toContain(data);
  expect(await page.getByLabel('nickname').inputValue()).toBe('Bo from a link');
});

test('a hostile template runs nothing and loads nothing', async () => {
  const raw = hostileHtml(thirdParty.url).replaceAll('<base', '<link rel="preconnect" href="https://192.0.2.1"><base');
  await fixture.save('hostile/template.json', {
    defaultLocale: 'en',
    subject: 'Hostile',
    preheader: 'Hostile',
    schema: { type: 'object', additionalProperties: false, properties: {} },
  });
  await fixture.write('hostile/samples/default.json', {});
  await fixture.save(
    'hostile/template.mjml',
    `<mjml><mj-body><mj-section><mj-column><mj-text>${raw}</mj-text></mj-column></mj-section></mj-body></mjml>`,
  );
  const page = await open('/hostile/default/en');
  await sees(page, 'by the mail');
  await page.getByText('nothing leaves this machine').waitFor();
  await mailOf(page).getByText('to the top').click();
  await page.getByText(`This link leads to ${thirdParty.url}/link`).waitFor();
  expect(await page.title()).toContain('hostile');
});
