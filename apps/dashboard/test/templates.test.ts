/** The pages of the templates. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { importRecords, TemplateSetReporter } from '@posthouse/queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DashboardFixture, templatesDir } from './dashboard-fixture.ts';
import { pastRecords } from './past-records.ts';

const dashboard = new DashboardFixture();
let dir: string;
let viewer: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-dashboard-'));
  for (const name of ['_layout', 'signup', 'receipt']) await cp(join(templatesDir, name), join(dir, name), { recursive: true });
  await dashboard.start(undefined, undefined, dir);
  viewer = await dashboard.signIn('viewer');
});
afterAll(async () => {
  await dashboard.stop();
  await rm(dir, { recursive: true });
});

const body = async (path: string) => (await dashboard.get(path, viewer)).body;

test('every template has its version, its mails, its samples, and the processes that use it', async () => {
  const records = Object.values(pastRecords()).filter(({ template }) => template === 'signup');
  await importRecords(dashboard.connection, records);
  const failed = records.filter(({ state }) => state === 'failed').length;
  const { hash } = dashboard.templates.current;
  const worker = new TemplateSetReporter(dashboard.connection, 'worker', {
    current: { hash: 'other' },
    since: Date.now(),
    refused: undefined,
  });
  await worker.start();
  await expect.poll(() => body('/templates')).toContain('Another version');
  const page = await body('/templates');
  expect(page).toContain(hash);
  expect(page).toContain(`${failed} failed`);
  expect(page).toContain(`Worker ${hostname()} (process ${process.pid})`);
  expect(page).toMatch(/<iframe src="\/templates\/receipt\/frame\?sample=default&locale=\w+"[^>]* sandbox="[^"]*" loading="lazy"/);
  await worker.stop();
  expect(await body('/templates')).not.toContain('Another version');

  const one = await body('/templates/signup?sample=long&locale=ko&view=text');
  expect(one).toContain('long · ko');
  expect(one).toMatch(/<pre class="panel">[^<]+/);
  for (const locale of ['en', 'ko']) {
    const strings = JSON.parse(await readFile(join(dir, 'signup/locales', `${locale}.json`), 'utf8'));
    const settings = (await body(`/templates/signup?sample=default&locale=${locale}`)).split('<h2>Settings</h2>')[1];
    for (const key of ['subject', 'preheader']) expect(settings).toContain(strings[key]);
  }
  const frame = await dashboard.get('/templates/signup/frame?sample=long&locale=ko', viewer);
  expect(frame.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
  for (const missing of [
    '/templates/none',
    '/templates/signup/frame?sample=none&locale=ko',
    '/templates/signup/frame?sample=__proto__&locale=ko',
  ])
    expect((await dashboard.get(missing, viewer)).statusCode).toBe(404);
});

test('a refused set stands with its file and line, a changed one is shown at once', async () => {
  const { hash } = dashboard.templates.current;
  await writeFile(join(dir, 'signup/samples/default.json'), '{ "nickname": <b>');
  await dashboard.templates.reload();
  const page = await body('/templates');
  expect(page).toContain('A changed template set is not used');
  expect(page).toContain('signup/samples/default.json:1');
  expect(page).not.toContain('<b>,');
  expect(page).toContain(hash);

  // Processes that list different issues of one set share a notice.
  const { current, since, refused } = dashboard.templates;
  const issue = (line: number) => ({ file: 'signup/template.mjml', line, message: 'is wrong', fix: 'Fix it.' });
  const reporters = [[issue(8)], [issue(8), issue(9)], [issue(9)]].map((issues, n) => {
    const set = { current, since, refused: { hash: refused?.hash, at: Date.now(), issues } };
    return new TemplateSetReporter(dashboard.connection, ['api', 'worker', 'dashboard'][n] ?? '', set);
  });
  await Promise.all(reporters.map((reporter) => reporter.start()));
  await expect
    .poll(async () => [...(await body('/templates')).matchAll(/<p>(Found .*?)<\/p>/g)].map(([, text]) => text))
    .toEqual([expect.stringMatching(/2 issues.*API.*Dashboard.*Worker/)]);
  expect(await body('/templates')).toMatch(/template\.mjml:8.*template\.mjml:9/s);
  await Promise.all(reporters.map((reporter) => reporter.stop()));

  await rm(join(dir, 'signup'), { recursive: true });
  await dashboard.templates.reload();
  expect(await body('/templates')).not.toContain('is not used');
  expect((await dashboard.get('/templates/signup', viewer)).statusCode).toBe(404);
  expect((await dashboard.get('/readyz')).json()).toMatchObject({ templateSet: 'ok' });
});
