/** Single sign-on in a real browser, with a real provider as a process of its own, over TLS. */
import { fileURLToPath } from 'node:url';
import { AppProcess, CertificateAuthority, freePort } from '@posthouse/devkit';
import { type Browser, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DashboardFixture, password } from './dashboard-fixture.ts';
import { clientSecret, oidcSettings } from './scripted-provider.ts';

const dashboard = new DashboardFixture();
let provider: AppProcess;
let browser: Browser;
let url: string;

beforeAll(async () => {
  const [port, ca] = await Promise.all([freePort(), CertificateAuthority.create()]);
  url = `http://127.0.0.1:${port}`;
  const { certPem, keyPem } = await ca.issue({ hosts: ['localhost'] });
  const client = { CLIENT_ID: 'posthouse', CLIENT_SECRET: clientSecret };
  provider = new AppProcess({
    name: 'OpenID Connect provider',
    entry: fileURLToPath(new URL('fixture/oidc-provider.mjs', import.meta.url)),
    env: { PATH: process.env['PATH'], CERT: certPem, KEY: keyPem, DASHBOARD_URL: url, ...client },
    readyWhen: (line) => line.startsWith('ready '),
  });
  [browser] = await Promise.all([launchBrowser(process.env), provider.start()]);
  const issuer = provider.output.find((line) => line.startsWith('ready '))?.slice('ready '.length) ?? '';
  await dashboard.start(oidcSettings({ OIDC_ISSUER: issuer, DASHBOARD_URL: url }, ca));
  await dashboard.app.listen({ host: '127.0.0.1', port });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await dashboard.stop();
  await provider?.stop();
});

/** Opens a page in a new session, and goes to the provider. */
async function toProvider(path: string): Promise<Page> {
  // The provider's own pages load a font from the internet.
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.route('https://fonts.googleapis.com/**', (route) => route.abort());
  await page.goto(url + path);
  await page.getByRole('link', { name: 'Sign in with Example' }).click();
  return page;
}

async function signIn(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a user signs in, is on the page that was asked for, acts by name, and signs out of both', async () => {
  const page = await toProvider('/audit?of=sign-ins');
  await signIn(page, 'anne');
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  expect(page.url()).toBe(`${url}/audit?of=sign-ins`);
  await page.getByRole('row', { name: 'oidc:anne admin Signed in' }).waitFor();
  const session = (await page.context().cookies(url)).find(({ name }) => name === 'posthouse_session');
  expect(session).toMatchObject({ sameSite: 'Strict', httpOnly: true });

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  await page.getByRole('link', { name: 'Sign out of the provider too' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/login');
});

test('a user whom no role is mapped to, and one who changes their mind, can sign in as a local user', async () => {
  const page = await toProvider('/mails');
  await signIn(page, 'bo');
  await page.getByRole('alert').getByText('You have no access to this dashboard').waitFor();

  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Sign in with Example' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('alert').getByText('The sign-in was cancelled').waitFor();
  await page.getByLabel('Name').fill('viewer');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Mails' }).waitFor();
});
