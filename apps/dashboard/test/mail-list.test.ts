import { importRecords, newMailId, newRecord } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';

const dashboard = new DashboardFixture();
const ids: string[] = [];
let viewer: string;
let operator: string;

beforeAll(async () => {
  await dashboard.start();
  const now = Date.now();
  const addresses = ['anne@one.example', 'berta@two.example', 'carl@two.example'];
  const records = addresses.map((address, n) => {
    const at = now - 60_000 * (3 - n);
    const envelope = { from: { address: 'hello@example.com' }, to: [{ address }], cc: [], bcc: [], replyTo: [] };
    const content = { template: { name: 'signup', locale: 'en', data: {} }, attachments: [], headers: {} };
    const record = newRecord(newMailId(at), { apiKey: 'k', envelope, content, priority: 'normal', tags: [`tag-${n}`] }, at);
    if (n === 0) return record;
    const outcome = { address, verdict: 'FAIL' as const, reason: '550 5.1.1', code: 550 };
    const attempt = {
      number: 1,
      at,
      durationMs: 5,
      provider: 'ses',
      verdict: 'FAIL' as const,
      reason: '550 5.1.1',
      steps: [],
      outcomes: [outcome],
    };
    return { ...record, state: 'failed' as const, endedAt: at + 5, attempts: [attempt], attemptCount: 1 };
  });
  await importRecords(dashboard.connection, records);
  ids.push(...records.map(({ id }) => id));
  viewer = await dashboard.signIn('viewer');
  operator = await dashboard.signIn('operator');
});
afterAll(() => dashboard.stop());

describe('the list of mails', () => {
  it('shows the newest first, and the mails that match the filter in the URL', async () => {
    const all = (await dashboard.get('/mails', viewer)).body;
    const positions = ['carl@two.example', 'berta@two.example', 'anne@one.example'].map((address) => all.indexOf(address));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(0);

    const filtered = (await dashboard.get('/mails?recipient=two.example&state=failed&reason=550+5.1.1&tag=tag-1', viewer)).body;
    expect(filtered).toContain('berta@two.example');
    expect(filtered).not.toContain('carl@two.example');
    expect(filtered).toContain('no such mailbox');
    expect(filtered).toMatch(/Recipient<\/span>\s*<b>two\.example/);
  });

  it('reads a time from the form in the time zone of the user', async () => {
    const seoul = `${viewer}; zone=Asia/Seoul`;
    const { body } = await dashboard.get('/mails?from=2026-11-22T09:00', seoul);
    expect(body).toContain('value="2026-11-22T09:00"');
    expect(body).toContain('22 Nov 2026, 09:00:00');
    expect((await dashboard.get('/mails?from=2026-11-22T00:00:00.000Z', seoul)).body).toContain('22 Nov 2026, 09:00:00');
  });

  it('shows the errors of an invalid filter beside its fields, and rejects a forged cursor', async () => {
    const response = await dashboard.get('/mails?recipient=a,b&reason=mailbox+full&from=%3Cscript%3E&state=lost', viewer);
    expect(response.statusCode).toBe(400);
    expect(response.body).toContain('must be one address');
    expect(response.body).toContain('must be a reason code');
    expect(response.body).not.toContain('<script>');
    expect((await dashboard.get('/mails?cursor=forged', viewer)).statusCode).toBe(400);
  });

  it('offers a viewer no action', async () => {
    expect((await dashboard.get('/mails', viewer)).body).not.toContain('/bulk/new');
    const { body } = await dashboard.get('/mails?state=failed', operator);
    expect(body).toContain('action="/bulk/new"');
    expect(body).toContain('name="ids"');
    expect(body).not.toContain('value="cancel"');
  });
});

describe('the failures', () => {
  it('are a row for each cause, with a link to its mails, and a choice of several for those who may act', async () => {
    const { body } = await dashboard.get('/failures', operator);
    expect(body).toContain('1 cause · 2 mails');
    expect(body).toContain('no such mailbox');
    const group = /\/mails\?group=([0-9a-f]+)/.exec(body)?.[1];
    expect((await dashboard.get(`/mails?group=${group}`, operator)).body).toContain('berta@two.example');
    expect(body).toContain(`name="group" value="${group}" data-mails="2"`);
    expect(body).toMatch(/name="action" value="retry"[^>]*>Retry</);
    expect((await dashboard.get('/failures', viewer)).body).not.toContain('name="group"');
    expect((await dashboard.get('/failures', `${operator}; language=ko`)).body).toContain('<html lang="ko">');
  });

  it.each(['period=day&state=failed&template=signup&provider=ses&order=lastHour', 'order=nonsense&page=-1&state=lost'])(
    'are filtered and ordered by the URL: %s',
    async (query) => {
      expect((await dashboard.get(`/failures?${query}`, viewer)).body).toContain('1 cause · 2 mails');
    },
  );

  it('that no condition leaves say so, and lead back to all', async () => {
    const { body } = await dashboard.get('/failures?template=%22%3E%3Cscript%3Egone', viewer);
    expect(body).toContain('No matching failures');
    expect(body).toContain('href="/failures"');
    expect(body).not.toContain('"><script>gone');
  });
});
