/** What an operator does about failures, in a real browser and with a real worker: find the cause, send again, and say how it ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppProcess, CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import { type Browser, launchBrowser, type Page } from '@posthouse/devkit/browser';
import { BulkRunner, importRecords } from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { DashboardFixture, password, templatesDir } from './dashboard-fixture.ts';
import { ended } from './sample-records.ts';

const dashboard = new DashboardFixture();
const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
let browser: Browser;
let url: string;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(process.env), dashboard.start()]);
  url = await dashboard.listen();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await dashboard.redis.cli('FLUSHALL');
});
afterAll(async () => {
  await browser?.close();
  await dashboard.stop();
});

async function signedIn(viewport: { width: number; height: number }): Promise<Page> {
  const page = await (await browser.newContext({ timezoneId: 'Asia/Seoul', viewport })).newPage();
  await page.goto(`${url}/login`);
  await page.getByLabel('Name').fill('operator');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return page;
}

/** Failed mails of the template `signup` with content, so that they can be sent again. */
function failures(count: number, reason: string, agoMs: number) {
  return Array.from({ length: count }, (_, n) => ended('failed', reason, agoMs + n * 1000, `member${n}@example.net`));
}

async function withWorker(smtp: SmtpServer, caFile: string, use: () => Promise<void>): Promise<void> {
  const worker = new AppProcess({
    name: 'worker',
    entry: fileURLToPath(new URL('../../worker/dist/main.js', import.meta.url)),
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: dashboard.redis.url,
      SMTP_URL: smtp.url,
      SMTP_CA_FILE: caFile,
      POSTHOUSE_SECRET: 'd'.repeat(64),
      TEMPLATES_DIR: templatesDir,
    },
    readyWhen: (line) => /provider check (succeeded|failed)/.test(line),
  });
  await worker.start();
  try {
    await use();
  } finally {
    await worker.stop();
  }
}

it.each(sizes)('12 mails failed last night, send them again and say how it ended: six clicks at $width px', async (size) => {
  const ca = await CertificateAuthority.create();
  const folder = await mkdtemp(join(tmpdir(), 'posthouse-tasks-'));
  const caFile = join(folder, 'ca.pem');
  await ca.writeCa(caFile);
  const smtp = new SmtpServer({ ca, mode: 'implicit-tls' });
  const runner = new BulkRunner(dashboard.connection, () => undefined);
  try {
    await Promise.all([smtp.start(), runner.start()]);
    smtp.replyTo('RCPT', { reply: '550 5.1.1 No such user', address: 'member3@example.net' });
    await importRecords(dashboard.connection, [...failures(12, '554 5.7.1', 8 * 3_600_000), ...failures(2, '550 5.1.1', 86_400_000)]);
    await withWorker(smtp, caFile, async () => {
      const page = await signedIn(size);
      await page.getByRole('link', { name: 'Failures', exact: true }).click();
      await page.getByText('2 causes · 14 mails').waitFor();
      await page.getByRole('checkbox', { name: 'Select 554 5.7.1' }).click();
      await page.getByText('Selected causes: 1 · mails: 12').waitFor();
      await page.getByRole('button', { name: 'Retry', exact: true }).click();
      await page.getByText('signup · relay-1 · 12 mails').waitFor();
      await page.getByRole('button', { name: 'Retry: 12 mails' }).click();
      await page.getByRole('link', { name: '11 Sent' }).waitFor();
      await page.getByRole('link', { name: '0 Still waiting' }).waitFor();
      await page.getByRole('link', { name: '1 Failed again' }).click();
      await page.getByText('member3@example.net').waitFor();
      expect(smtp.messages).toHaveLength(11);
    });
  } finally {
    await runner.stop();
    await smtp.stop();
    await rm(folder, { recursive: true });
  }
});

it.each(sizes)('what changed in the last hour: one click, the new cause first, at $width px', async (size) => {
  await importRecords(dashboard.connection, [...failures(9, '550 5.1.1', 3 * 3_600_000), ...failures(2, '452 4.2.2', 60_000)]);
  const page = await signedIn(size);
  await page.goto(`${url}/failures`);
  const causes = page.locator('.cause .code');
  expect(await causes.allInnerTexts()).toEqual(['550 5.1.1', '452 4.2.2']);
  await page.getByRole('link', { name: 'Last hour' }).click();
  expect(await causes.allInnerTexts()).toEqual(['452 4.2.2']);
  await page.getByText('new', { exact: true }).waitFor();
});

it('all causes of a page are selected at once, and the page says how many mails that are', async () => {
  await importRecords(dashboard.connection, [...failures(3, '550 5.1.1', 60_000), ...failures(2, '452 4.2.2', 60_000)]);
  const page = await signedIn({ width: 1280, height: 800 });
  await page.goto(`${url}/failures`);
  await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
  await page.getByText('Selected causes: 2 · mails: 5').waitFor();
  await page.getByRole('checkbox', { name: 'Select 452 4.2.2' }).click();
  await page.getByText('Selected causes: 1 · mails: 3').waitFor();
});

it('the chart of a day or a week says what happened at the pointer, and leads to the mails of that time', async () => {
  const page = await signedIn({ width: 1280, height: 800 });
  const plot = page.locator('.u-over');
  await plot.hover({ position: { x: 40, y: 60 } });
  await page.getByText(/^\d\d:\d\d · Mails received 0 · Sent 0 · Failed 0$/).waitFor();
  await page.getByRole('link', { name: 'Week' }).click();
  await page.getByRole('heading', { name: 'Last 7 days, per 2 hours' }).waitFor();
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  await plot.click({ position: { x: 40, y: 60 } });
  await page.waitForURL(/\/mails\?from=.*&to=/);
});
