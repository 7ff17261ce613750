/**
 * The dashboard with many mails on record: its pages stay quick, and a retry of thousands shows how far it is while new mail goes
 * out as ever. `npm test` runs it small; `npm run test:load` with 200,000 mails, and tells what it took.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardEnvironment } from '../dashboard-environment.ts';
import { quotaFailures, writeManyMails } from './many-mails.ts';

const mails = Number(process.env['POSTHOUSE_LOAD_MAILS'] ?? 2000);
const isMeasured = process.env['POSTHOUSE_LOAD_MAILS'] !== undefined;
const house = new DashboardEnvironment();
let operator: string;

beforeAll(async () => {
  await house.start();
  const begun = performance.now();
  await writeManyMails(house.connection, mails, (written) => {
    if (written % 20_000 === 0) tell(`${written.toLocaleString('en')} mails on record`);
  });
  tell(`written in ${Math.round(performance.now() - begun)} ms`);
  operator = await house.signIn('admin');
}, 600_000);
afterAll(() => house.stop(), 60_000);

it('answers every page', async () => {
  const sample = /\/mails\/([0-9a-f-]{36})/.exec(await text('/mails?state=failed'))?.[1];
  const older = /href="(\/mails\?[^"]*cursor=[^"]+)"/.exec(await text('/mails'))?.[1]?.replaceAll('&amp;', '&');
  const pages = [
    '/',
    '/mails',
    older ?? '',
    '/mails?state=failed',
    '/mails?recipient=member.1000@domain-0.example',
    '/mails?recipient=domain-7.example&state=sent',
    '/mails?template=receipt&tag=vip',
    '/mails?template=receipt&error=452+4.2.2',
    `/mails/${sample}`,
    '/failures',
    '/queue',
    '/bulk',
    '/audit',
  ];
  for (const page of pages) {
    const times: number[] = [];
    for (let n = 0; n < (isMeasured ? 21 : 1); n++) {
      const begun = performance.now();
      await text(page);
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    tell(`${page.slice(0, 70).padEnd(72)} median ${ms(times[times.length >> 1])}   slowest ${ms(times.at(-1))}`);
  }
}, 120_000);

it('retries thousands with its progress shown, while new mail keeps flowing', async () => {
  const failures = await text('/failures');
  const group = /\/mails\?group=([0-9a-f]+)/.exec(failures)?.[1] as string;
  const begun = performance.now();
  const started = await house.post('/bulk', { action: 'retry', group, perSecond: '200' }, operator);
  expect(started.status).toBe(303);
  const work = started.headers.get('location') as string;

  const progress = new Set<string>();
  const latencies: number[] = [];
  for (;;) {
    const page = await text(work);
    progress.add(/<progress[^>]*value="(\d+)"/.exec(page)?.[1] ?? '');
    if (page.includes('<span>Done</span>')) break;
    const acceptedMail = performance.now();
    const id = await house.accept(`new.${latencies.length}@fresh.example`);
    await expect.poll(() => house.state(id)).toBe('sent');
    latencies.push(performance.now() - acceptedMail);
  }
  latencies.sort((a, b) => a - b);
  tell(
    `${quotaFailures(mails).toLocaleString('en')} retried in ${ms(performance.now() - begun)}; progress seen at ${progress.size} places`,
  );
  tell(
    `meanwhile ${latencies.length} new mails: sent after ${ms(latencies[latencies.length >> 1])} at the median, ${ms(latencies.at(-1))} at the most`,
  );
  expect(await text(`/mails?group=${group}`)).toContain('No mail fits');
  await expect.poll(() => house.smtp.arrivals.size, { timeout: 120_000 }).toBe(quotaFailures(mails) + latencies.length);
  expect(Math.max(...house.smtp.arrivals.values())).toBe(1);
}, 300_000);

async function text(path: string): Promise<string> {
  const response = await house.get(path, operator);
  expect(response.status, path).toBe(200);
  return await response.text();
}

function ms(time: number | undefined): string {
  return `${Math.round(time ?? Number.NaN).toLocaleString('en')} ms`;
}

function tell(line: string): void {
  if (isMeasured) process.stdout.write(`${line}\n`);
}
