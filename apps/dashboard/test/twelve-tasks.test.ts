/**
 * Twelve questions and tasks of an operator, from the overview on, at a desk and on a phone: each within the clicks that its pages need, and
 * without a barrier on the pages where it ends.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { durations, type MailRecord } from '@posthouse/contract';
import { AppProcess, CertificateAuthority, SmtpServer } from '@posthouse/devkit';
import {
  DomainCounters,
  importRecords,
  MailQueue,
  newMailId,
  Pauses,
  ProviderCounters,
  WorkerConnection,
  WorkerHeartbeat,
} from '@posthouse/queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BrowserFixture, expectAccessible, type Operator, screens } from './browser-fixture.ts';
import { templatesDir } from './dashboard-fixture.ts';
import { acceptedRecord, pastRecords } from './past-records.ts';
import { ended, queued } from './sample-records.ts';

const hour = 3_600_000;
const dashboard = new BrowserFixture();
let worker: WorkerConnection;
let heartbeat: WorkerHeartbeat;

beforeAll(async () => {
  await dashboard.start();
  worker = new WorkerConnection(dashboard.redis.url, dashboard.sealer, durations, () => undefined);
  await worker.start();
  // Many enough that the mails which a test really sends do not change the shares.
  const counters = new ProviderCounters(durations.retention.counts.hours);
  for (let n = 0; n < 20_000; n++) {
    counters.lasted('ses', 'dot', 40);
    counters.lasted('backup', 'dot', 9000);
    counters.waited('ses', 'signup', 1500);
  }
  const domains = new DomainCounters(dashboard.sealer, durations.retention.counts);
  const refused = { address: 'anne@refusing.example', verdict: 'FAIL', reason: '550 5.7.1' } as const;
  domains.attempted({ kind: 'attempted', at: 0, durationMs: 1, steps: [], outcomes: [refused] });
  const providers = ['ses', 'backup'].map((name) => ({
    name,
    host: `${name}.example.com`,
    account: name,
    connections: 1,
    maxConnections: 5,
  }));
  heartbeat = new WorkerHeartbeat(worker, () => ({ version: '1', concurrency: 5, providers }), undefined, [counters, domains]);
  await heartbeat.start();
  // The counters are stored after it.
  const cookie = await dashboard.signIn('operator');
  while (!(await dashboard.get('/providers', cookie)).body.includes('95 % within')) await new Promise((resolve) => setImmediate(resolve));
});
afterAll(async () => {
  await heartbeat?.stop();
  await worker?.stop();
  await dashboard.stop();
});

describe.each(screens)('at $width px', (screen) => {
  const { width, height, colorScheme } = screen;
  const address = `haru${width}@example.net`;
  const code = (desk: string, phone: string) => (width === 1280 ? desk : phone);
  let operator: Operator;

  beforeEach(async () => {
    operator = await dashboard.operator('/', { viewport: { width, height }, colorScheme, locale: 'en-GB' });
  });
  afterEach(async () => {
    expect(operator.errors).toEqual([]);
    await dashboard.closePages();
  });

  /** The task is done, on this page. */
  async function doneWith(clicks: number): Promise<void> {
    await expectAccessible(operator.page);
    expect(operator.clicks).toBe(clicks);
  }

  function have(...records: MailRecord[]): Promise<void> {
    return importRecords(dashboard.connection, records);
  }

  test('did she get it?', async () => {
    await have(sentMail(address));
    await operator.search(address);
    const row = operator.page.getByRole('row').filter({ hasText: address });
    await row.getByText('Sent', { exact: true }).waitFor();
    await doneWith(1);
  });

  test('what did it say?', async () => {
    await operator.search(address);
    await operator.follow('Your order');
    await operator.sees('Your parcel is on its way.');
    await doneWith(2);
  });

  test('send her a copy', async () => {
    await operator.search(address);
    await operator.follow('Your order');
    await operator.follow('Send a copy…');
    expect(await operator.page.getByLabel('To 1 recipient').inputValue()).toBe(address);
    await expectAccessible(operator.page);
    await operator.press('Send a copy');
    await operator.sees('The copy is accepted and will be sent.');
    await doneWith(4);
    await operator.follow('Go to the original');
    await operator.sees('Send a copy by operator');
  });

  test('212 failed last night, send them again and say how it ended', async () => {
    const cause = code('554 5.7.1', '554 5.7.26');
    await have(...failures(212, cause, 8 * hour));
    await withWorker(`member3@${cause.length}.example`, async (smtp) => {
      await operator.follow('Failures');
      await operator.click(operator.page.getByRole('checkbox', { name: `Select ${cause}`, exact: true }));
      await operator.sees('Selected causes: 1 · mails: 212');
      await expectAccessible(operator.page);
      await operator.press('Retry');
      await operator.sees('signup · relay-1 · 212 mails');
      await operator.page.getByLabel('Mails per second, at most').fill('500');
      await expectAccessible(operator.page);
      await operator.press('Retry: 212 mails');
      await operator.page.getByRole('link', { name: '211 Sent' }).waitFor();
      await operator.page.getByRole('link', { name: '0 Still waiting' }).waitFor();
      await doneWith(4);
      await operator.follow('1 Failed again');
      await operator.sees(`member3@${cause.length}.example`);
      expect(smtp.messages.length).toBeGreaterThanOrEqual(211);
    });
  });

  test('stop only the receipts', async () => {
    const receipt = { name: 'receipt', locale: 'en', data: {} };
    await have({ ...queued(), content: { template: receipt, attachments: [], headers: {} } });
    await operator.follow('Queue');
    await operator.follow('Pause…');
    await operator.page.getByLabel('Name').fill('receipt');
    await operator.page.getByLabel('Reason').fill('broken');
    await expectAccessible(operator.page);
    await operator.press('Continue');
    await operator.sees(/waiting mail/);
    await operator.press('Pause');
    await operator.sees('Partly paused');
    await doneWith(4);
    expect((await new Pauses(dashboard.connection).list()).pauses).toMatchObject([{ name: 'receipt', reason: 'broken' }]);
    await operator.page.goto(`${dashboard.url}/mails`);
    await operator.sees('paused by operator: broken');
    await expectAccessible(operator.page);
    await operator.follow('Go to the queue');
    await operator.follow('End the pause of Template receipt');
    await operator.press('End the pause');
    await operator.sees('Running');
  });

  test('which provider is slow?', async () => {
    await operator.click(operator.page.getByRole('link', { name: 'Providers' }).first());
    const provider = (name: string) => operator.page.locator('tr').filter({ hasText: `${name}.example.com` });
    await provider('backup').getByText('reply to the message: 95 % within 8.8 s').waitFor();
    await provider('ses').getByText('95 % within 39 ms').waitFor();
    await doneWith(1);
    await operator.page.locator('tr').filter({ hasText: 'signup Template' }).getByText('1.5 s').first().waitFor();
    await operator.page.locator('tr').filter({ hasText: 'refusing.example' }).getByText('1 (100%)').waitFor();
    // The menu of a phone is wider than the screen, and shows the current entry.
    const entry = await operator.page.locator('.menu [aria-current]').boundingBox();
    expect(entry?.x).toBeGreaterThanOrEqual(0);
    expect((entry?.x ?? 0) + (entry?.width ?? 0)).toBeLessThanOrEqual(width);
  });

  test('how long do mails wait?', async () => {
    await operator.sees(/half within 1\.\d s, 95 % within (1\.\d|2) s/);
    await doneWith(0);
  });

  test('CSV of the failed ones', async () => {
    await have(...failures(2, code('554 5.3.4', '552 5.3.4'), hour));
    await operator.page.reload();
    await operator.click(operator.page.getByRole('link', { name: /^Failed/ }));
    const downloading = operator.page.waitForEvent('download');
    await operator.follow('Export CSV');
    const [heading, ...rows] = (await readFile(await (await downloading).path(), 'utf8')).trim().split('\r\n');
    const state = heading?.split(',').indexOf('state') ?? -1;
    expect(new Set(rows.map((row) => row.split(',')[state]))).toEqual(new Set(['failed']));
    await operator.sees(`${rows.length} mails`);
    await doneWith(2);
  });

  test('gmail.com, failed, 2 to 3 o’clock', async () => {
    // 14:30 in Seoul, of the day before yesterday.
    const at = Math.floor(Date.now() / (24 * hour)) * 24 * hour - 48 * hour + 5.5 * hour;
    const ago = (minutesLater: number) => Date.now() - at - minutesLater * 60_000;
    await have(
      ended('failed', '550 5.1.1', ago(0), `wanted${width}@gmail.com`),
      ended('failed', '550 5.1.1', ago(40), 'later@gmail.com'),
      ended('failed', '550 5.1.1', ago(5), 'elsewhere@example.net'),
      ended('sent', '250 2.0.0', ago(5), 'sent@gmail.com'),
    );
    const day = new Date(at).toISOString().slice(0, 10);
    const { page } = operator;
    await operator.follow('Mails');
    await operator.click(page.getByText('Filter', { exact: true }));
    await page.getByLabel('Recipient', { exact: true }).fill('gmail.com');
    await operator.click(page.getByLabel('Failed', { exact: true }));
    await page.getByLabel('Received after').fill(`${day}T14:00`);
    await page.getByLabel('Received before').fill(`${day}T15:00`);
    await expectAccessible(page);
    await operator.press('Apply');
    const row = page.getByRole('row').filter({ hasText: `wanted${width}@gmail.com` });
    await row.waitFor();
    expect(await page.getByText(/later@|elsewhere@|sent@/).count()).toBe(0);
    await page.waitForLoadState();
    // On a phone a mail takes two lines.
    if (width < 720) expect((await row.boundingBox())?.height).toBeLessThan(80);
    await doneWith(4);
  });

  test('what changed in the last hour?', async () => {
    const [old, fresh] = [code('550 5.2.1', '550 5.2.2'), code('452 4.2.2', '451 4.7.1')];
    await have(...failures(9, old, 3 * hour), ...failures(2, fresh, 60_000));
    await operator.follow('Failures');
    const causes = operator.page.locator('.cause .code');
    await expect.poll(() => causes.allInnerTexts()).toContain(old);
    await operator.follow('Last hour');
    const row = operator.page.locator('tr').filter({ hasText: fresh });
    await row.getByText('new', { exact: true }).waitFor();
    await expect.poll(() => causes.allInnerTexts()).not.toContain(old);
    await doneWith(2);
  });

  test('who retried this?', async () => {
    const retried = ended('failed', '550 5.1.1', hour, `retried${width}@example.net`);
    await have(retried);
    await new MailQueue(dashboard.connection).apply(retried.id, 'retry', { by: { who: 'dora' } });
    await operator.search(retried.id);
    await operator.sees('Retry by dora');
    await doneWith(1);
  });

  test('why does this one wait?', async () => {
    const waiting = { ...pastRecords().retrying, id: newMailId() };
    await have(waiting);
    await operator.search(waiting.id);
    await operator.sees(/Attempt 3 of 10/);
    await doneWith(1);
  });
});

/** A sent mail whose content is kept. */
function sentMail(address: string): MailRecord {
  const content = { literal: { subject: 'Your order', text: 'Your parcel is on its way.' }, attachments: [], headers: {} };
  const envelope = { from: { address: 'hello@yourhouse.example' }, to: [{ address }], cc: [], bcc: [], replyTo: [] };
  const { content: _replaced, ...mail } = acceptedRecord({ envelope, content }, Date.now() - 60_000);
  const recipients = [{ address, kind: 'to' as const, state: 'accepted' as const, reason: '250 2.0.0', at: mail.dueAt }];
  return { ...mail, state: 'sent', endedAt: mail.dueAt, recipients, keptContent: content, contentUntil: Date.now() + hour };
}

/** Failed mails of the template `signup` with content, so that they can be sent again. */
function failures(count: number, reason: string, agoMs: number): MailRecord[] {
  return Array.from({ length: count }, (_, n) => ended('failed', reason, agoMs + n * 1000, `member${n}@${reason.length}.example`));
}

/** A worker, which also runs bulk actions, and a relay that refuses one address. */
async function withWorker(refused: string, use: (smtp: SmtpServer) => Promise<void>): Promise<void> {
  const ca = await CertificateAuthority.create();
  const folder = await mkdtemp(join(tmpdir(), 'posthouse-tasks-'));
  const caFile = join(folder, 'ca.pem');
  await ca.writeCa(caFile);
  const smtp = new SmtpServer({ ca, mode: 'implicit-tls' });
  smtp.replyTo('RCPT', { reply: '550 5.1.1 No such user', address: refused });
  await smtp.start();
  const sender = new AppProcess({
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
  await sender.start();
  try {
    await use(smtp);
  } finally {
    await sender.stop();
    await smtp.stop();
    await rm(folder, { recursive: true });
  }
}
