/** The overview and its event stream. */
import { durations } from '@posthouse/contract';
import { importRecords, Pauses, WorkerConnection, WorkerHeartbeat } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Overview, OverviewCache } from '../src/overview/overview-cache.ts';
import { Tiles } from '../src/overview/tiles.tsx';
import { comparison } from '../src/overview/traffic-chart.tsx';
import { ProviderTable, StepTable } from '../src/providers/provider-figures.tsx';
import { formatRate } from '../src/providers/provider-list.tsx';
import { WaitCard } from '../src/providers/wait-card.tsx';
import { PageContext } from '../src/ui/page-context.ts';
import { DashboardFixture } from './dashboard-fixture.ts';
import { ended, queued } from './sample-records.ts';

const dashboard = new DashboardFixture();
let cookie: string;

beforeAll(async () => {
  await dashboard.start();
  // As at many services: it is read before the first page.
  await dashboard.redis.cli('ACL', 'SETUSER', 'default', '-config');
  cookie = await dashboard.signIn('viewer');
});
afterAll(() => dashboard.stop());

const overview = async () => (await dashboard.get('/', cookie)).body;

it('says that no worker is running, and how to start one', async () => {
  expect(await overview()).toMatch(/role="alert".*No worker is running.*npm run worker/s);
});

it('says that Redis does not show whether it keeps mails, where CONFIG is forbidden', async () => {
  expect(await overview()).toMatch(/role="status".*CONFIG is forbidden.*maxmemory-policy noeviction/s);
  expect((await dashboard.get('/', cookie, { 'accept-language': 'ko' })).body).toContain('CONFIG가 금지되어 있어');
});

it('shows counts, explained failures, workers, providers, and who paused the queue', async () => {
  const failures = Array.from({ length: 3 }, (_, n) => ended('failed', '452 4.2.2', n * 60_000));
  await importRecords(dashboard.connection, [queued(), ended('sent', '250 2.0.0'), ...failures]);
  await new Pauses(dashboard.connection).start({ scope: 'template', name: 'receipt', by: 'anne', reason: 'broken' });
  const worker = new WorkerConnection(dashboard.redis.url, dashboard.sealer, durations, () => undefined);
  await worker.start();
  const heartbeat = new WorkerHeartbeat(worker, () => ({
    version: '1.2.3',
    concurrency: 7,
    providers: [
      { name: 'relay-1', host: 'smtp.example.com', account: 'a', ratePerSecond: 0.5 },
      { name: 'relay-2', host: 'smtp.example.net', account: 'b', localFailure: 'ENOTFOUND' },
    ],
  }));
  await heartbeat.start();
  try {
    await expect.poll(overview).toContain('1.2.3');
    const page = await overview();
    expect(page).not.toContain('No worker is running');
    for (const shown of [
      'paused by anne',
      '452 4.2.2',
      'mailbox full',
      'relay-1',
      'smtp.example.com',
      '30/min',
      '1 running',
      'Cannot reach relay-2: ENOTFOUND, DNS does not know',
    ]) {
      expect(page).toContain(shown);
    }
    expect(page).toMatch(/href="\/mails\?state=failed".*?>3</s);
  } finally {
    await heartbeat.stop();
    await worker.stop();
  }
});

it('is read once for all users within the maximum age', async () => {
  const cache = new OverviewCache(dashboard.connection, 60_000);
  expect(await cache.get()).toBe(await cache.get());
  expect(await new OverviewCache(dashboard.connection, 0).get()).not.toBe(await cache.get());
});

it('is sent again while the page is open, until the session ends', async () => {
  const url = await dashboard.listen();
  const session = await dashboard.signIn('viewer');
  const stream = await fetch(`${url}/overview/live`, { headers: { cookie: session } });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  const events: string[] = [];
  for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    if (events.length === 0) await dashboard.post('/logout', {}, { cookie: session });
    events.push(chunk);
  }
  expect(events.join('')).toMatch(/^data: <section class="tiles"|^data: <div class="notice/);
  expect(events.join('')).toMatch(/\n\nevent: end\ndata: signed out\n\n$/);
});

it.each(['hour', 'day', 'week'])('the %s of traffic is compared with the one before, and each step leads to its mails', async (period) => {
  const { body } = await dashboard.get(`/?period=${period}`, cookie);
  expect(body).toContain(`hx-sse:connect="/overview/live?period=${period}"`);
  const from = /data-at="(\d+)"><th scope="row"><a href="\/mails\?from=([^&"]+)&to=/.exec(body);
  expect(new Date(decodeURIComponent(from?.[2] ?? '')).getTime()).toBe(Number(from?.[1]));
  expect(body.match(/data-at=/g)).toHaveLength({ hour: 60, day: 96, week: 84 }[period] as number);
});

it.each([
  ['/failures?state=lost', '“state=lost” is not valid. The value must be one of: queued,'],
  ['/failures?state=failed&state=sent', '“state=failed,sent” is not valid. The value must be one of: '],
  ['/failures?order=x', '“order=x” is not valid. The value must be one of: mails, lastHour, firstAt.'],
  ['/failures?page=-1', '“page=-1” is not valid. The value must be a whole number from 1.'],
  ['/failures?period=%3Cb%3E', '“period=&lt;b>” is not valid. The value must be one of: hour, day, week.'],
  ['/providers?period=week', '“period=week” is not valid. The value must be one of: hour, day.'],
  ['/providers/live?period=week', '“period=week” is not valid. '],
  ['/?period=year', '“period=year” is not valid. The value must be one of: hour, day, week.'],
  ['/overview/live?period=year', '“period=year” is not valid. '],
  ['/templates/signup?view=source', '“view=source” is not valid. The value must be one of: html, text.'],
  ['/templates/signup?width=1', '“width=1” is not valid. The value must be one of: 375, 600, full.'],
  ['/mails/%zz', 'Its path has a % that stands for no character'],
])('a URL with a wrong value is answered with what is allowed: %s', async (url, text) => {
  const { statusCode, body } = await dashboard.get(url, cookie);
  expect([statusCode, body]).toEqual([400, expect.stringContaining(text)]);
  expect(body).toContain('Invalid URL');
});

it('says of few mails only within which time all of them were sent', () => {
  const card = (count: number) => {
    const wait = { count, p50: 210_000, p95: 294_000, p99: 298_200, all: 300_000 };
    return String(WaitCard({ context: new PageContext(undefined, 'UTC'), wait, due: { mails: 0 } })).replaceAll(/<[^>]*>/g, '');
  };
  expect(card(19)).toContain('(last hour): all 19 mails within 5 min.');
  expect(card(20)).toContain('(last hour): half within 3.5 min, 95 % within 4.9 min.');
});

it('says of few transactions only within which time each step of all of them ended', () => {
  const pages = (count: number) => {
    const connect = { count, p50: 350, p95: 485, p99: 497, all: 500 };
    const figures = new Map([
      ['ses', { sent: 1, failed: 0, retried: 0, deferred: 0, unknown: 0, mailsLastMinute: 0, phases: { connect } }],
    ]);
    const providers = [{ name: 'ses', host: 'ses', circuit: 'closed', connections: 0, maxConnections: 1, pool: 1 } as const];
    const shown = [ProviderTable({ context: new PageContext(undefined, 'UTC'), providers, figures }), StepTable({ providers, figures })];
    return shown.join('').replaceAll(/<[^>]*>/g, ' ');
  };
  expect(pages(19)).toMatch(/TCP and TLS: all within 500 ms .* TCP and TLS\s+all within 500 ms/s);
  expect(pages(20)).toMatch(/TCP and TLS: 95 % within 490 ms .* TCP and TLS\s+350 ms · 490 ms/s);
});

it('says a rate in the unit of SMTP_URL', () => {
  expect([14, 100 / 60, 2000 / 3600, 50_000 / 86_400, 0.5].map(formatRate)).toEqual(['14/s', '100/min', '2,000/h', '50,000/day', '30/min']);
});

it('says at the tile whose mails wait since when the oldest is due', () => {
  const tiles = (count: number, oldestAt?: number) => {
    const counts = { queued: count, sending: 0, retrying: 3, scheduled: 0, uncertain: 0, failed: 0 };
    const overview = { counts, due: { mails: count, oldestAt } } as unknown as Overview;
    const html = String(Tiles({ context: new PageContext(undefined, 'UTC'), overview })).replaceAll(/<svg.*?<\/svg>|<[^>]*>/gs, ' ');
    return html.replaceAll(/\s+/g, ' ');
  };
  const long = Date.now() - 3_600_000;
  expect(tiles(2, long)).toMatch(/Queued 2 oldest due .* Retrying 3 will be retried automatically/);
  expect(tiles(0, long)).toMatch(/Queued 0 none is queued .* Retrying 3 oldest due /);
  expect(tiles(0)).toMatch(/Queued 0 none is queued .* Retrying 3 will be retried automatically/);
  expect(tiles(2)).toMatch(/Queued 2 none is due /);
});

it('compares with the period before, unless that had hardly any mail', () => {
  expect(comparison('hour', 24, 20)).toBe('20% more than in the hour before');
  expect(comparison('week', 10, 20)).toBe('50% less than in the week before');
  expect(comparison('day', 20, 20)).toBe('as before');
  expect(comparison('hour', 170, 9)).toBe('');
});
