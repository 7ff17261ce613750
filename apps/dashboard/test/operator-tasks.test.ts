/** What operators ask in the night, in a real browser at both widths: each with the clicks that it may take. */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { durations } from '@posthouse/contract';
import { type Browser, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { importRecords, Pauses, ProviderCounters, WorkerConnection, WorkerHeartbeat } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { queued } from './sample-records.ts';

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const dashboard = new DashboardFixture();
let browser: Browser;
let url: string;
let cookie: string;
let worker: WorkerConnection;
let heartbeat: WorkerHeartbeat;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), dashboard.start()]);
  url = await dashboard.listen();
  cookie = await dashboard.signIn('operator');
  await importRecords(dashboard.connection, [queued()]);
  worker = new WorkerConnection(dashboard.redis.url, dashboard.sealer, durations, () => undefined);
  await worker.start();
  const counters = new ProviderCounters(durations.retention.traffic);
  for (let n = 0; n < 20; n++) {
    counters.lasted('ses', 'dot', 40);
    counters.lasted('backup', 'dot', 9000);
    counters.waited('ses', 1500);
  }
  const providers = ['ses', 'backup'].map((name) => ({
    name,
    host: `${name}.example.com`,
    account: name,
    connections: 1,
    maxConnections: 5,
  }));
  heartbeat = new WorkerHeartbeat(worker, () => ({ version: '1', concurrency: 5, providers }), undefined, counters);
  await heartbeat.start();
  // The counters are stored after it.
  while (!(await dashboard.get('/providers', cookie)).body.includes('95 % within')) await new Promise((resolve) => setImmediate(resolve));
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser?.close();
  await heartbeat?.stop();
  await worker?.stop();
  await dashboard.stop();
});

describe.each([
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
])('on the screen of %s', (_, viewport) => {
  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ viewport, locale: 'en-GB' });
    await context.addCookies(
      cookie.split('; ').map((pair) => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url })),
    );
    const page = await context.newPage();
    await page.goto(url + path);
    return page;
  }

  /** No barrier for a screen reader, and nothing wider than the screen. */
  async function isSound(page: Page): Promise<void> {
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  }

  test('stop only the receipts', async () => {
    const page = await open('/queue');
    await page.getByRole('link', { name: 'Pause…' }).click();
    await page.getByLabel('Name').fill('signup');
    await page.getByLabel('Reason').fill('broken');
    await isSound(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('1 waiting mail').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Partly paused').waitFor();
    await isSound(page);
    await page.goto(`${url}/mails`);
    await page.getByText('paused by operator: broken').waitFor();
    await isSound(page);
    await page.getByRole('link', { name: 'Go to the queue' }).click();
    await page.getByRole('link', { name: 'End the pause of Template signup' }).click();
    await page.getByRole('button', { name: 'End the pause' }).click();
    await page.getByText('Running', { exact: true }).waitFor();
    expect((await new Pauses(dashboard.connection).list()).pauses).toEqual([]);
  });

  test('which provider is slow?', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Providers' }).first().click();
    const backup = page.locator('tr').filter({ hasText: 'backup.example.com' });
    await backup.getByText(/reply to the message: 95 % within (9\.\d|10) s/).waitFor();
    await page.locator('tr').filter({ hasText: 'ses.example.com' }).getByText('95 % within 49 ms').waitFor();
    await isSound(page);
    await page.getByRole('link', { name: 'Last 24 hours' }).click();
    await page.getByText('(last 24 hours)').waitFor();
  });

  test('how long do mails wait?', async () => {
    const page = await open('/');
    await page.getByText(/half within 1\.5 s, 95 % within (1\.9|2) s/).waitFor();
    await page.getByText('The oldest waiting mail was due').waitFor();
    await isSound(page);
  });
});
