import { Readable } from 'node:stream';
import { limits } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { AuditLog, importRecords, MailList, MailQueue, newMailId, newRecord, RequestConnection, SavedFilters } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { exportText } from '../src/mail-list/mail-export.ts';
import { MailSubjects } from '../src/mail-list/mail-subjects.ts';
import { DashboardFixture } from './dashboard-fixture.ts';
import { queued } from './sample-records.ts';

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
  const literal = { subject: '=HYPERLINK("http://evil.example") <script>alert(1)</script> \u202egnp.exe', text: 'x' };
  const { template: _none, ...hostile } = queued(30_000, '+dora@one.example');
  await importRecords(dashboard.connection, [
    ...records,
    { ...hostile, tags: ['hostile'], content: { literal, attachments: [], headers: {} } },
  ]);
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
    expect(filtered).toMatch(/Recipient<\/span>\s*<b class="clip">two\.example/);
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
    // What was typed stays in its field.
    expect(response.body).toMatch(/name="recipient"[^>]* value="a,b"/);
    expect(response.body).toContain('Correct the marked fields.');
    // There is no field of text for these.
    expect(response.body).toContain('State: must be one of: ');
    const { body } = await dashboard.get('/mails?messageId=x', viewer);
    expect(body).toContain('Message-ID: must be a Message-ID');
    expect(body).not.toContain('Correct the marked fields.');
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

describe('subjects, choices and the reason of an empty list', () => {
  it('shows subjects as text, whatever they contain', async () => {
    const { body } = await dashboard.get('/mails?tag=hostile', viewer);
    expect(body).toContain('<bdi>=HYPERLINK(&#34;http://evil.example&#34;) &lt;script>alert(1)&lt;/script> \u202egnp.exe</bdi>');
    expect((await dashboard.get('/mails', viewer)).body).toContain('<bdi>Thank you for joining Your House Today!</bdi>');
  });

  it('offers what the newest mails have, and keeps a template that is gone', async () => {
    const { body } = await dashboard.get('/mails?template=gone', viewer);
    expect(body).toContain('<option value="tag-1"></option>');
    expect(body).toContain('<option value="ses"></option>');
    expect(body).toContain('<option value="gone" selected>gone (not in use)</option>');
  });

  it('finds words of a subject in the mails of a filter, and nothing in too many', async () => {
    const { body } = await dashboard.get('/mails?tag=hostile&subject=ALERT+hyperlink', viewer);
    expect(body).toContain('1 of 1 subjects have these words.');
    expect(body).not.toContain('action="/bulk/new"><input type="hidden"');
    expect((await dashboard.get('/mails?subject=joining+nothing', viewer)).body).toContain('0 of 4 subjects have these words.');
    const list = new MailList(dashboard.connection);
    expect([await list.upTo({}, 3), (await list.upTo({}, 4))?.length]).toEqual([undefined, 4]);
  });

  it('answers a search of 10 KB with what is wrong with it', async () => {
    const long = 'a'.repeat(10_240);
    for (const name of ['subject', 'recipient', 'tag', 'template', 'provider', 'reason', 'apiKey']) {
      const { statusCode, body } = await dashboard.get(`/mails?${name}=${long}`, viewer);
      expect([name, statusCode]).toEqual([name, 400]);
      expect(body).toContain('Invalid filter');
    }
    expect((await dashboard.get(`/search?q=${long}`, viewer)).statusCode).toBe(404);
  });

  it('says which condition no mail has, or which one has to go', async () => {
    const absent = (await dashboard.get('/mails?state=failed&tag=nothing', viewer)).body;
    expect(absent).toMatch(/No mail on record has: <b>Tag<\/b> <span>nothing<\/span>/);
    const together = (await dashboard.get('/mails?state=failed&tag=tag-0', viewer)).body;
    expect(together).toMatch(/href="\/mails\?state=failed">without Tag<\/a>\s*: <b>2 mails/);
    expect(together).toMatch(/href="\/mails\?tag=tag-0">without State<\/a>\s*: <b>1 mail</);
  });
});

describe('saved filters', () => {
  it('belong to their user, replace one of the same name, and are removed', async () => {
    const form = { name: ' <b>Failed at two.example ', state: 'failed', recipient: 'two.example', from: '2026-11-22T09:00' };
    expect((await dashboard.post('/mails/filters', form, { cookie: viewer })).headers.location).toContain('from=2026-11-22');
    await dashboard.post('/mails/filters', { ...form, state: 'sent' }, { cookie: viewer });
    const { body } = await dashboard.get('/mails', viewer);
    expect(body).toMatch(/href="\/mails\?state=sent&recipient=two\.example">&lt;b(>|&gt;)Failed at two\.example<\/a>/);
    expect((await dashboard.get('/mails', operator)).body).not.toContain('Failed at two.example');
    await dashboard.post('/mails/filters/remove', { name: '<b>Failed at two.example' }, { cookie: viewer });
    expect((await dashboard.get('/mails', viewer)).body).not.toContain('Failed at two.example');
  });

  it('are sealed, and of a limited number', async () => {
    const saved = new SavedFilters(dashboard.connection);
    const { ofUser, nameLength } = limits.savedFilters;
    const one = (name: string) => saved.save('admin', { name, filter: { template: 'gone', recipient: 'anne@one.example' } });
    const results = await Promise.all(Array.from({ length: ofUser }, (_, n) => one(`filter ${n}`)));
    expect(results.every(Boolean)).toBe(true);
    expect([await one('one more'), await one('filter 0')]).toEqual([false, true]);
    const dump = await dashboard.redis.cli('HGETALL', '{posthouse}:saved-filters:admin');
    expect(await dashboard.redis.cli('HLEN', '{posthouse}:saved-filters:admin')).toContain(String(ofUser));
    expect(dump).not.toMatch(/anne|filter 1/);
    const tooLong = await dashboard.post('/mails/filters', { name: 'n'.repeat(nameLength + 1), tag: 'a' }, { cookie: viewer });
    const unnamed = await dashboard.post('/mails/filters', { name: ' ', tag: 'a' }, { cookie: viewer });
    const withoutConditions = await dashboard.post('/mails/filters', { name: 'all', from: '2026-11-22T09:00' }, { cookie: viewer });
    expect([tooLong, unnamed, withoutConditions].map(({ statusCode }) => statusCode)).toEqual([400, 400, 400]);
  });
});

describe('an export', () => {
  it('as CSV has all mails of the filter, and no cell that a spreadsheet calculates', async () => {
    const { body, headers } = await dashboard.get('/mails/export.csv?state=queued', operator);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toMatch(/^attachment; filename="mails-[\dT-]+\.csv"$/);
    const [head, hostile, anne, ...more] = body.split('\r\n');
    expect(head).toMatch(/^\ufeffid,subject,recipients,state,/);
    expect(hostile).toContain(
      `,"'=HYPERLINK(""http://evil.example"") <script>alert(1)</script> \u202egnp.exe",'+dora@one.example,queued,false,`,
    );
    expect(anne).toContain(',Thank you for joining Your House Today!,anne@one.example,');
    expect(more).toEqual(['']);
  });

  it('as JSON is one list, also an empty one', async () => {
    const failed = (await dashboard.get('/mails/export.json?state=failed', operator)).json();
    expect(failed.map(({ id, reason, recipients }: Record<string, unknown>) => [id, reason, recipients])).toEqual([
      [ids[2], '550 5.1.1', ['carl@two.example']],
      [ids[1], '550 5.1.1', ['berta@two.example']],
    ]);
    expect((await dashboard.get('/mails/export.json?state=expired', operator)).json()).toEqual([]);
  });

  it('requires an operator, and is in the audit log with its filter', async () => {
    expect((await dashboard.get('/mails/export.csv', viewer)).statusCode).toBe(403);
    expect((await dashboard.get('/mails', viewer)).body).not.toContain('/mails/export');
    await dashboard.get('/mails/export.csv?recipient=carl@two.example', operator);
    const { entries } = await new AuditLog(dashboard.connection).page(1);
    expect(entries[0]).toMatchObject({ who: 'operator', action: 'export mails', target: 'CSV', detail: 'recipient=carl@two.example' });
    expect((await dashboard.get('/mails/export.csv?state=lost', operator)).statusCode).toBe(400);
  });

  it('reads no further than its client', async () => {
    let pagesRead = 0;
    const pages = async function* () {
      for (; pagesRead < 1000; pagesRead++) yield [];
    };
    const list = new MailList(dashboard.connection);
    const file = Readable.from(exportText('csv', pages(), new MailSubjects(list, dashboard.templates)));
    for (let chunks = 0; chunks < 3; chunks++) await new Promise((resolve) => file.once('readable', resolve)).then(() => file.read());
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(pagesRead).toBeLessThan(10);
    file.destroy();
  });

  it('is one of a few at a time', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { pages } = MailList.prototype;
    const started = vi.spyOn(MailList.prototype, 'pages').mockImplementation(async function* (this: MailList, filter, size) {
      await released;
      yield* pages.call(this, filter, size);
    });
    onTestFinished(() => started.mockRestore());
    const get = () => dashboard.get('/mails/export.json?state=failed', operator);
    const exports = Array.from({ length: limits.exports.active }, get);
    await expect.poll(() => started.mock.calls.length).toBe(exports.length);
    const refused = await get();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '60']);
    release();
    for (const answer of await Promise.all(exports)) expect(answer.json()).toHaveLength(2);
    expect((await get()).statusCode).toBe(200);
  });
});

it('the search box finds a mail by what it was accepted with', async () => {
  const record = { ...queued(7_200_000, 'gerd@search.example'), metadata: { order: 'A-1029' } };
  const connection = new RequestConnection(dashboard.redis.url, dashboard.sealer, patientDurations(), () => undefined, undefined, true);
  await connection.start();
  onTestFinished(() => connection.stop());
  await connection.whenReady();
  const key = { apiKey: record.apiKey, key: 'sign-up of gerd', request: '{}' };
  await new MailQueue(connection).acceptOnce(record, key, '{}');
  const found = async (q: string) => (await dashboard.get(`/search?${new URLSearchParams({ q })}`, viewer)).headers.location;
  expect(await found('sign-up of gerd')).toBe(`/mails/${record.id}`);
  expect(await found('A-1029')).toBe('/mails?metadata=A-1029');
  expect(await found('Gerd')).toBe('/mails?recipient=gerd%40');
  await new MailQueue(connection).accept([{ ...queued(7_200_000, 'hans@search.example'), messageId: '<1029@shop.example>' }]);
  for (const q of ['<1029@shop.example>', '1029@shop.example']) expect(await found(q)).toBe('/mails?messageId=%3C1029%40shop.example%3E');
  expect((await dashboard.get('/mails?messageId=%3C1029%40shop.example%3E', viewer)).body).toContain('hans@search.example');
  expect((await dashboard.get('/mails?recipient=gerd%40&metadata=A-1029', viewer)).body).toContain('gerd@search.example');
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

  it('are filtered and ordered by the URL', async () => {
    const { body } = await dashboard.get('/failures?period=day&state=failed&template=signup&provider=ses&order=lastHour&x=y', viewer);
    expect(body).toContain('1 cause · 2 mails');
  });

  it('that no condition leaves say so, and lead back to all', async () => {
    const { body } = await dashboard.get('/failures?template=%22%3E%3Cscript%3Egone', viewer);
    expect(body).toContain('No matching failures');
    expect(body).toContain('href="/failures"');
    expect(body).not.toContain('"><script>gone');
  });

  it('have the meaning that the code has at the step where the server replied with it', async () => {
    const { id, ...record } = queued(1000, 'emil@one.example');
    const [reason, at] = ['550', Date.now()];
    const outcomes = [{ address: 'emil@one.example', verdict: 'FAIL' as const, reason, step: 'DOT' as const, reply: '550 Not like that' }];
    const attempt = { number: 1, at, durationMs: 5, provider: 'ses', verdict: 'FAIL' as const, reason, steps: [], outcomes };
    await importRecords(dashboard.connection, [{ id, ...record, state: 'failed', endedAt: at, attempts: [attempt], attemptCount: 1 }]);
    expect((await dashboard.get('/failures', viewer)).body).toMatch(/message rejected[\s\S]*Not like that/);
  });
});
