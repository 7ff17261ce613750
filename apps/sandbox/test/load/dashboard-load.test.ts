/**
 * The dashboard with many records: its pages stay fast, and a retry of thousands of mails shows its progress while new mails are
 * sent without delay. `npm test` runs it with 2,000 records; `npm run test:load` with 200,000, and prints the times.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardEnvironment } from '../dashboard-environment.ts';
import { quotaFailures, writeManyMails } from './many-mails.ts';

const mails = Number(process.env['POSTHOUSE_LOAD_MAILS'] ?? 2000);
const isMeasured = process.env['POSTHOUSE_LOAD_MAILS'] !== undefined;
const environment = new DashboardEnvironment();
let operator: string;

beforeAll(async () => {
  await environment.start();
  const startedAt = performance.now();
  await writeManyMails(environment.connection, mails, (written) => {
    if (written % 20_000 === 0) print(`${written.toLocaleString('en')} records written`);
  });
  print(`written in ${ms(performance.now() - startedAt)}`);
  operator = await environment.signIn('admin');
}, 600_000);
afterAll(() => environment.stop(), 60_000);

it('serves every page', async () => {
  const sample = /\/mails\/([0-9a-f-]{36})/.exec(await text('/mails?state=failed'))?.[1];
  const older = /href="(\/mails\?[^"]*cursor=[^"]+)"/.exec(await text('/mails'))?.[1]?.replaceAll('&amp;', '&');
  const pages = [
    '/',
    '/?period=week',
    '/mails',
    older ?? '',
    '/mails?state=failed',
    '/mails?recipient=member.1000@domain-0.example',
    '/mails?recipient=domain-7.example&state=sent',
    '/mails?template=receipt&tag=vip',
    '/mails?template=receipt&reason=452+4.2.2',
    '/mails?state=failed&tag=nothing',
    '/mails?state=failed&recipient=member.1000@domain-0.example',
    '/mails?partial=true',
    '/mails?recipient=member.1000@domain-0.example&subject=welcome',
    `/mails?subject=welcome&from=${new Date(Date.now() - 6 * 24 * 60 * 60 * 1000 * (900 / mails)).toISOString()}`,
    `/mails/${sample}`,
    '/failures',
    '/queue',
    '/bulk',
    '/audit',
    '/providers',
    '/templates',
    '/providers?period=day',
    '/users',
    '/keys',
    '/account',
  ];
  for (const page of pages) {
    const times: number[] = [];
    for (let n = 0; n < (isMeasured ? 21 : 1); n++) {
      const startedAt = performance.now();
      await text(page);
      times.push(performance.now() - startedAt);
    }
    times.sort((a, b) => a - b);
    print(`${page.slice(0, 70).padEnd(72)} median ${ms(times[times.length >> 1])}   slowest ${ms(times.at(-1))}`);
  }
}, 120_000);

it('exports all mails to a client that reads slowly', async () => {
  const { pid } = environment.dashboard;
  const before = residentBytes(pid);
  const startedAt = performance.now();
  const response = await environment.get('/mails/export.json', operator);
  let max = 0;
  let text = '';
  let rows = 0;
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('latin1');
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    rows += lines.filter((line) => line.startsWith('{')).length;
    max = Math.max(max, residentBytes(pid));
    if (isMeasured) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(rows).toBe(mails);
  print(`exported in ${ms(performance.now() - startedAt)}; the dashboard had ${mb(before)} before, and at most ${mb(max)}`);
}, 600_000);

it('retries thousands of mails and shows the progress, while new mails are sent', async () => {
  const failures = await text('/failures');
  const group = /\/mails\?group=([0-9a-f]+)/.exec(failures)?.[1] as string;
  const startedAt = performance.now();
  const started = await environment.post('/bulk', { action: 'retry', group, perSecond: '200' }, operator);
  expect(started.status).toBe(303);
  const job = started.headers.get('location') as string;

  const progress = new Set<string>();
  const latencies: number[] = [];
  for (;;) {
    const page = await text(job);
    progress.add(/<progress[^>]*value="(\d+)"/.exec(page)?.[1] ?? '');
    if (page.includes('<span>Done</span>')) break;
    const acceptedAt = performance.now();
    const id = await environment.accept(`new.${latencies.length}@fresh.example`);
    await expect.poll(() => environment.state(id)).toBe('sent');
    latencies.push(performance.now() - acceptedAt);
  }
  latencies.sort((a, b) => a - b);
  print(
    `${quotaFailures(mails).toLocaleString('en')} retried in ${ms(performance.now() - startedAt)}; ${progress.size} different values of the progress bar seen`,
  );
  print(
    `meanwhile ${latencies.length} new mails: sent after a median of ${ms(latencies[latencies.length >> 1])}, at most ${ms(latencies.at(-1))}`,
  );
  expect(await text(`/mails?group=${group}`)).toContain('No matching mails');
  await expect.poll(() => environment.smtp.arrivals.size, { timeout: 120_000 }).toBe(quotaFailures(mails) + latencies.length);
  expect(Math.max(...environment.smtp.arrivals.values())).toBe(1);
}, 300_000);

async function text(path: string): Promise<string> {
  const response = await environment.get(path, operator);
  expect(response.status, path).toBe(200);
  return await response.text();
}

/** The memory that a process has (Linux only; elsewhere 0). */
function residentBytes(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return 0;
  }
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}

function ms(duration: number | undefined): string {
  return `${Math.round(duration ?? Number.NaN).toLocaleString('en')} ms`;
}

function print(line: string): void {
  if (isMeasured) process.stdout.write(`${line}\n`);
}
