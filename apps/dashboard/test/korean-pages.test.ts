/** Every page in Korean, also what is wrong in a form: a text that was forgotten shows as English words in a row. */
import { BulkActions, importRecords } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { pastRecords } from './past-records.ts';

/** What servers said, a worker's own note in a record, and names. */
const allowed = /^(?:\d{3} |“…|The worker that sent the message ended|English$)/;

const dashboard = new DashboardFixture();
let admin: string;
let mails: string[];
let bulk: string;

beforeAll(async () => {
  await dashboard.start();
  admin = `${await dashboard.signIn('admin')}; language=ko`;
  const records = Object.values(pastRecords());
  await importRecords(dashboard.connection, records);
  mails = records.map(({ id }) => id);
  bulk = await new BulkActions(dashboard.connection).start({ action: 'retry', scope: { filter: {} }, by: 'admin', perSecond: 1 });
  await dashboard.post('/keys', { name: 'shop', rights: 'send' }, { cookie: admin });
  await dashboard.post('/users', { name: 'dora', role: 'viewer', password: '' }, { cookie: admin });
});
afterAll(() => dashboard.stop());

/** Texts of a page with English words in a row, apart from code, data and addresses. */
function english(html: string): string[] {
  const body = (html.split('<body')[1] ?? html)
    .replaceAll(/<(pre|code|script|style|kbd|datalist|option|iframe)\b.*?<\/\1>/gs, '<x>')
    .replaceAll(/<([a-z]+)[^>]*class="[^"]*\b(?:code|data-value|transcript)\b[^"]*"[^>]*>.*?<\/\1>/gs, '<x>');
  const attributes = [...body.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*)"/g)].map(([, value = '']) => value);
  return [...body.split(/<[^>]*>/), ...attributes]
    .map((text) => text.trim())
    .filter((text) => /(?:^|[\s(])[A-Za-z][a-z]+[,;:]? [a-z]+/.test(text) && !/[가-힣]/.test(text) && !allowed.test(text));
}

it('no page that a menu or a link leads to has English sentences', async () => {
  const paths = [
    '/',
    ...['/mails', '/mails?recipient=nobody@example.com', '/failures', '/bulk', `/bulk/${bulk}`, '/queue', '/queue/pauses/new'],
    ...[
      '/providers',
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
  ];
  const found: [string, string][] = [];
  for (const path of paths) for (const text of english((await dashboard.get(path, admin)).body)) found.push([path, text]);
  expect(found).toEqual([]);
});

it('nor has a form with what is wrong in it', async () => {
  const found: [string, string][] = [];
  for (const [path, form] of [
    ['/keys', { name: '', rights: 'x' }],
    ['/keys', { name: 'shop', rights: 'send' }],
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
