/** Every page in Korean, also what is wrong in a form: a text that was forgotten shows as English words in a row. */
import { mailStates } from '@posthouse/contract';
import { AuditLog, BulkActions, importRecords } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { pastRecords } from './past-records.ts';

/** Words that are not English texts: names, and what stays as an application or a server wrote it. */
const names = new Set(
  [
    'Posthouse Redis BullMQ UTC API ID Message-ID Idempotency-Key CSV JSON HTML English ms px',
    // Reason codes, replies of sockets, and rights.
    ...mailStates,
    'high low xn-- ECONNREFUSED no-reply connect send read-own read-all content act-own act-all metrics from template rate min true normal',
    // Names that the test, its users and the mails have.
    'admin viewer operator dora anne shop signup-service relay- invitation magic-link password-reset receipt security-alert signup verify-address weekly-digest reset ko nickname resetUrl expiresInMinutes order customer',
  ]
    .join(' ')
    .split(' '),
);

/** What servers said. */
const reply = /^(?:\d{3} |“…|: user unknown)/;

const dashboard = new DashboardFixture();
let admin: string;
let mails: string[];
let bulk: string;

beforeAll(async () => {
  await dashboard.start();
  for (const { name, samples } of dashboard.templates.current.catalogue.templates.values()) {
    for (const own of [name, ...Object.keys(samples), 'en', 'templates', 'dev', 'posthouse']) names.add(own);
  }
  admin = `${await dashboard.signIn('admin')}; language=ko`;
  const records = Object.values(pastRecords());
  await importRecords(dashboard.connection, records);
  mails = records.map(({ id }) => id);
  bulk = await new BulkActions(dashboard.connection).start({ action: 'retry', scope: { filter: {} }, by: 'admin', perSecond: 1 });
  await dashboard.post('/keys', { name: 'shop', rights: 'send' }, { cookie: admin });
  await dashboard.post('/users', { name: 'dora', role: 'viewer', password: '' }, { cookie: admin });
});
afterAll(() => dashboard.stop());

/** Texts of a page with words that are no names, apart from code, data and addresses. */
function english(html: string): string[] {
  const body = (html.split('<body')[1] ?? html)
    .replaceAll(/<(pre|code|script|style|kbd|datalist|iframe)\b.*?<\/\1>/gs, '<x>')
    .replaceAll(/<([a-z]+)[^>]*class="[^"]*\b(?:code|data-value|transcript)\b[^"]*"[^>]*>.*?<\/\1>/gs, '<x>');
  const attributes = [...body.matchAll(/(?:aria-label|title|placeholder|alt|data-selected)="([^"]*)"/g)].map(([, value = '']) => value);
  return [...body.split(/<[^>]*>/), ...attributes]
    .map((text) => text.trim())
    .map((text) => text.replaceAll(/\{\w+\}/g, ''))
    .filter((text) => !reply.test(text) && wordsOf(text).some((word) => !names.has(word)));
}

function wordsOf(text: string): string[] {
  const prose = text.replaceAll(/&[#a-z0-9]+;/g, ' ').replaceAll(/\S*(?:[@/=_]|\w\.\w|\d)\S*/g, ' ');
  return prose.match(/[A-Za-z][A-Za-z'-]+/g) ?? [];
}

it('no page that a menu or a link leads to has English sentences', async () => {
  const paths = [
    '/',
    ...['/mails', '/mails?recipient=nobody@example.com', '/failures', '/bulk', `/bulk/${bulk}`, '/queue', '/queue/pauses/new'],
    ...[
      '/providers',
      '/templates',
      '/templates/signup',
      '/templates/none',
      '/keys',
      '/keys/shop',
      '/keys/shop/revoke',
      '/keys/none',
      '/users',
      '/users/dora',
      '/users/admin',
      '/users/dora/remove',
    ],
    ...[
      '/audit',
      '/audit?of=api-keys',
      '/audit?of=sign-ins',
      '/audit?of=failed-sign-ins',
      '/account',
      '/login',
      '/login/none',
      '/search?q=x',
    ],
    ...mails.flatMap((id) => [`/mails/${id}`, `/mails/${id}/copy`]),
    '/audit?before=x',
    ...['/failures?state=x', '/failures?page=x', '/audit?from=x', '/audit?of=sign-ins&action=x', '/mails/%zz'],
    ...[
      'state=x',
      'partial=x',
      'priority=x',
      'group=x',
      'reason=~',
      'recipient=@@',
      'from=x',
      'from=2026-11-22T09:00:00',
      'tag=a&tag=b',
      'messageId=x',
    ].flatMap((filter) => [`/mails?${filter}`, `/bulk/new?action=retry&${filter}`]),
    ...[`apiKey=${'x'.repeat(65)}`, `group=${Array.from({ length: 60 }, (_, n) => n.toString(16).padStart(12, '0'))}`].map(
      (filter) => `/mails?${filter}`,
    ),
    '/bulk/new?action=retry&mails=all',
  ];
  const found: [string, string][] = [];
  for (const path of paths) for (const text of english((await dashboard.get(path, admin)).body)) found.push([path, text]);
  expect(found).toEqual([]);
});

it('what the audit log has recorded is shown in Korean, also who had which role', async () => {
  const log = new AuditLog(dashboard.connection);
  const cookie = `${await dashboard.signIn('operator')}; language=ko`;
  await dashboard.post(`/mails/${mails[2]}/actions`, { action: 'retry' }, { cookie });
  await dashboard.post(`/mails/${mails[2]}/actions`, { action: 'retry' }, { cookie });
  await dashboard.post('/bulk', { action: 'cancel', state: 'failed,retrying', recipient: 'example.net', perSecond: '5' }, { cookie });
  await dashboard.post('/bulk', { action: 'retry', ids: mails[0] ?? '', perSecond: '5' }, { cookie });
  await dashboard.post('/bulk', { action: 'retry', group: `${'a'.repeat(12)},${'b'.repeat(12)}`, perSecond: '5' }, { cookie });
  await dashboard.post('/keys/shop/rights', { rights: 'send+read-own' }, { cookie: admin });
  for (const overlap of ['0', '24h']) await dashboard.post('/keys/shop/rotate', { overlap }, { cookie: admin });
  await dashboard.post('/users/dora/role', { role: 'operator' }, { cookie: admin });
  await dashboard.post('/users/dora/sessions/end', {}, { cookie: admin });
  await dashboard.get('/mails/export.csv', cookie);
  for (const detail of [
    'copy 01a219ed to anne@example.net',
    'copy 01a219ed',
    'now scheduled, at 2026-11-26T09:00:00.000Z',
    'of a later version',
  ])
    await log.append({ who: 'shop', role: 'API key', action: 'copy', target: mails[0] ?? '', detail });
  const changes = (await dashboard.get('/audit', admin)).body;
  expect(changes).toMatch(/운영자.*관리자/s);
  expect(changes).toMatch(/메일 취소 · 메일 \d+통 · 상태: 재시도 중 또는 실패, 수신자: example\.net · 초당 5통/);
  expect(changes).toContain('다시 보내기 · 메일 1통 · 1개 선택됨 · 초당 5통');
  expect(changes).toContain('실패 그룹: 그룹 2개 · ');
  const list = (await dashboard.get('/audit?of=api-keys', admin)).body;
  expect([...english(changes), ...english(list)]).toEqual(['of a later version']);
});

it('nor has a form with what is wrong in it', async () => {
  const found: [string, string][] = [];
  for (const [path, form] of [
    ['/keys', { name: '', rights: 'x' }],
    ['/keys', { name: 'shop', rights: 'send' }],
    ['/keys', { name: 'till', rights: '' }],
    [
      '/keys',
      {
        name: 'till',
        rights: `send+send+read-own+read-all+act-own+act-all+from=a_b+template=+rate=0+rate=1/min${'+from=a.example'.repeat(60)}`,
      },
    ],
    ['/keys', { name: 'till', rights: 'content+rate=0/min' }],
    ['/users', { name: 'dora', role: 'viewer', password: 'x' }],
    ['/users', { name: 'dora', role: 'none' }],
    ['/account/password', {}],
    ['/login', { name: 'x', password: 'x' }],
    ['/bulk', { action: 'none' }],
  ] as [string, Record<string, string>][]) {
    const { body } = await dashboard.post(path, form, { cookie: admin });
    expect(body).toMatch(/<html[^>]* lang="ko"/);
    for (const text of english(body)) found.push([path, text]);
  }
  expect(found).toEqual([]);
});
