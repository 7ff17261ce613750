/** The pages of the queue, BullMQ's jobs and the audit log. */
import { AuditLog, importRecords, Pauses } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { ended, queued } from './sample-records.ts';

const dashboard = new DashboardFixture();
const mail = queued();
let pauses: Pauses;
let viewer: string;
let operator: string;
let admin: string;

beforeAll(async () => {
  await dashboard.start();
  [viewer, operator, admin] = await Promise.all([dashboard.signIn('viewer'), dashboard.signIn('operator'), dashboard.signIn('admin')]);
  pauses = new Pauses(dashboard.connection);
  await importRecords(dashboard.connection, [mail]);
});
afterAll(() => dashboard.stop());

describe('a pause', () => {
  const receipts = { scope: 'template', name: 'receipt', reason: 'broken receipt', minutes: '60' };

  it('is started and ended by an operator after a confirmation, shown on every page, and audited', async () => {
    expect((await dashboard.get('/queue', viewer)).body).toMatch(/Running.*Queued.*?<span class="number">1<\/span>/s);
    expect((await dashboard.get('/queue', viewer)).body).not.toContain('/queue/pause');
    expect((await dashboard.get('/queue/pause', viewer)).statusCode).toBe(403);
    expect((await dashboard.post('/queue/pause', receipts, { cookie: viewer })).statusCode).toBe(403);

    expect((await dashboard.get('/queue/pause', operator)).body).toContain('New pause');
    const signups = { ...receipts, name: 'signup', minutes: '' };
    expect((await dashboard.get(`/queue/pause?${new URLSearchParams(signups)}`, operator)).body).toMatch(
      /Template signup\?.*1 waiting mail/s,
    );
    expect((await pauses.list()).pauses).toEqual([]);
    await dashboard.post('/queue/pause', signups, { cookie: operator });
    expect((await dashboard.post('/queue/pause', signups, { cookie: operator })).statusCode).toBe(409);
    const shown = /Template signup<\/b>.*paused by operator: broken receipt.*until a user ends it/s;
    for (const page of ['/', '/mails', '/failures', '/bulk', '/providers']) expect((await dashboard.get(page, viewer)).body).toMatch(shown);
    expect((await dashboard.get('/queue', viewer)).body).toMatch(/Partly paused.*Template signup.*by operator/s);

    const [pause] = (await pauses.list()).pauses;
    expect((await dashboard.get(`/queue/pauses/${pause?.id}/end`, operator)).body).toContain('0 paused mails are sent');
    expect((await dashboard.post(`/queue/pauses/${pause?.id}/end`, {}, { cookie: viewer })).statusCode).toBe(403);
    await dashboard.post(`/queue/pauses/${pause?.id}/end`, {}, { cookie: admin });
    expect((await dashboard.post(`/queue/pauses/${pause?.id}/end`, {}, { cookie: admin })).statusCode).toBe(404);
    expect((await dashboard.get('/queue', viewer)).body).toContain('Running');
    const everything = await pauses.start({ scope: 'everything', name: '', by: 'anne', reason: 'move' });
    expect((await dashboard.get('/queue', viewer)).body).toMatch(/Everything<\/b>.*a user ends it.*?<span>1<\/span>/s);
    await pauses.end(everything);
    const { entries } = await new AuditLog(dashboard.connection).page(2);
    expect(entries.map(({ who, action, detail }) => `${who}: ${action}: ${detail}`)).toEqual([
      'admin: end pause of template: signup',
      'operator: pause template: signup: broken receipt',
    ]);
  });

  it('marks what is paused wherever its name is listed, with who, why and until when', async () => {
    const failed = ended('failed', '550 5.1.1', 60_000);
    await importRecords(dashboard.connection, [failed]);
    const started = [
      await pauses.start({ scope: 'template', name: 'signup', by: 'anne', reason: 'broken link', ms: 3_600_000 }),
      await pauses.start({ scope: 'tag', name: 'welcome', by: 'anne', reason: 'too many' }),
      await pauses.start({ scope: 'provider', name: 'relay-1', by: 'anne', reason: 'slow' }),
    ];
    const marks = async (path: string) => {
      const found = (await dashboard.get(path, operator)).body.matchAll(
        /<a class="badge[^"]*" href="\/queue" title="paused by anne: ([^,]+), since [^"]+, until ([^"]+)"/g,
      );
      return [
        ...new Set([...found].map(([, reason, until = '']) => `${reason} ${until === 'a user ends it' ? '' : 'timed'}`.trim())),
      ].sort();
    };
    const [link, tag, provider] = ['broken link timed', 'too many', 'slow'];
    expect(await marks('/mails')).toEqual([link, tag]);
    expect((await dashboard.get('/mails', operator)).body).toContain('signup (paused)');
    expect(await marks(`/mails/${failed.id}`)).toEqual([link, tag]);
    expect(await marks('/failures')).toEqual([link, provider]);
    for (const id of started) await pauses.end(id);
    expect(await marks('/mails')).toEqual([]);
  });

  it.each([
    [{ ...receipts, name: 'recepit' }, 'There is no template recepit. Templates:'],
    [{ ...receipts, scope: 'tag', name: 'nobody' }, 'No mail has the tag nobody'],
    [{ ...receipts, scope: 'provider', name: 'ses' }, 'No running worker has the provider ses'],
    [{ ...receipts, scope: 'domain', name: 'anne@example.com' }, 'Enter a domain'],
    [{ ...receipts, scope: 'domain', name: 'not a domain' }, 'Enter a domain'],
    [{ ...receipts, name: '' }, 'Enter a name'],
    [{ ...receipts, reason: '' }, 'Say why'],
    [{ ...receipts, reason: 'x'.repeat(201) }, 'At most 200 characters'],
  ])('of %j is refused, and the form says why', async (fields, issue) => {
    for (const answer of [
      await dashboard.get(`/queue/pause?${new URLSearchParams(fields)}`, operator),
      await dashboard.post('/queue/pause', fields, { cookie: operator }),
    ]) {
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain(issue);
    }
    expect((await pauses.list()).pauses).toEqual([]);
  });

  it('is in Korean for a browser that prefers it', async () => {
    const cookie = `${operator}; language=ko`;
    expect((await dashboard.get('/queue/pause', cookie)).body).toContain('새 일시 중지');
    expect((await dashboard.get('/providers', cookie)).body).toContain('실행 중인 워커가 없어');
  });
});

describe('a live page', () => {
  it('has at most twelve streams of one session, and more when one ends', async () => {
    const url = await dashboard.listen();
    const open = async (cookie: string) => {
      const controller = new AbortController();
      const { status } = await fetch(`${url}/queue/live`, { headers: { cookie }, signal: controller.signal });
      return { status, close: () => controller.abort() };
    };
    const streams = await Promise.all(Array.from({ length: 12 }, () => open(viewer)));
    expect(streams.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect((await open(viewer)).status).toBe(429);
    const other = await open(operator);
    expect(other.status).toBe(200);
    streams[0]?.close();
    await expect.poll(async () => (await open(viewer)).status).toBe(200);
  });
});

describe('the board of BullMQ jobs', () => {
  it.each(['/queue/board/', '/queue/board/api/queues', '/queue/board/static/js/none.js'])('%s is not kept by the browser', async (url) => {
    expect((await dashboard.get(url, admin)).headers['cache-control']).toBe('no-store');
  });

  it('is for admins, and shows the jobs in BullMQ', async () => {
    for (const path of ['/queue/board', '/queue/board/api/queues', '/queue/board/static/favicon.ico']) {
      expect((await dashboard.get(path)).statusCode).toBe(303);
      expect((await dashboard.get(path, operator)).statusCode).toBe(403);
      expect((await dashboard.get(path, admin)).statusCode).toBe(200);
    }
    const jobs = await dashboard.get('/queue/board/api/queues?activeQueue=mail&status=prioritized', admin);
    expect(jobs.json().queues[0]).toMatchObject({ name: 'mail', readOnlyMode: true, jobs: [{ id: mail.id, data: { v: 1, id: mail.id } }] });
  });

  it('has the policy of our own pages but for its base URL, and loads nothing from other servers', async () => {
    const board = await dashboard.get('/queue/board', admin);
    const ours = await dashboard.get('/queue', admin);
    const policy = String(ours.headers['content-security-policy']);
    expect(policy).toContain("base-uri 'none'");
    expect(board.headers['content-security-policy']).toBe(policy.replace("base-uri 'none'", "base-uri 'self'"));
    expect(board.body).not.toMatch(/https:|<style|style=/);
  });

  it.each([
    ['PUT', '/queue/board/api/queues/pause'],
    ['PUT', '/queue/board/api/queues/mail/pause'],
    ['PUT', '/queue/board/api/queues/mail/empty'],
    ['PUT', '/queue/board/api/queues/mail/obliterate'],
    ['POST', '/queue/board/api/queues/mail/add'],
  ] as const)('%s %s changes nothing', async (method, url) => {
    const answer = await dashboard.app.inject({ method, url, headers: { cookie: admin, 'sec-fetch-site': 'same-origin' } });
    expect(answer.statusCode).toBe(405);
    expect((await pauses.list()).byTool).toBe(false);
    expect(await dashboard.redis.cli('ZCARD', '{posthouse}:mail:prioritized')).toBe('1');
  });
});

describe('the audit log', () => {
  it('is for admins, shows entries as text, and has pages', async () => {
    const log = new AuditLog(dashboard.connection);
    await log.append({ who: 'anne', role: 'operator', action: 'retry', target: mail.id, detail: '<script>alert(1)</script>' });
    await log.append({ who: 'anne', role: 'operator', action: 'start bulk action', target: 'b-1' });
    await log.append({ who: 'ben', role: 'admin', action: 'a future action', target: 'carl' });
    for (let n = 0; n < 48; n++) await log.append({ who: 'ben', role: 'admin', action: 'pause queue' });
    expect((await dashboard.get('/audit', operator)).statusCode).toBe(403);
    const { body } = await dashboard.get('/audit', admin);
    expect(body).toContain('href="/bulk/b-1"');
    expect(body).toMatch(/<span>carl</);
    expect(body).not.toContain(`/mails/${mail.id}`);
    const older = /href="(\/audit\?before=[^"]+)"/.exec(body)?.[1] ?? '';
    const page = (await dashboard.get(older, admin)).body;
    expect(page).toContain(`href="/mails/${mail.id}"`);
    expect(page).toContain('&lt;script>alert(1)');
    expect(page).toContain('href="/audit"');
  });

  it('filters by who, action and time, names actions in words, and has sign-ins apart', async () => {
    const log = new AuditLog(dashboard.connection);
    await log.append({ who: 'dora', role: 'admin', action: 'create API key', target: 'shop' });
    await log.append({ who: 'dora', role: 'admin', action: 'revoke API key', target: 'till' });
    await log.append({ who: 'dora', role: 'admin', action: 'sign in' }, 'sign-ins');
    const rows = async (query: string) => (await dashboard.get(`/audit?${query}`, admin)).body.split('<tbody>')[1] ?? '';
    const changes = await rows('who=dora');
    expect(changes).toMatch(/API key revoked.*till.*API key created.*href="\/keys\/shop"/s);
    expect(changes).not.toMatch(/Signed in|ben|href="\/keys\/till"/);
    expect(await rows('who=dora&action=create+API+key')).not.toContain('API key revoked');
    expect(await rows('who=dora&of=sign-ins')).toContain('Signed in');
    expect(await rows('who=dora&to=2020-01-01T00:00')).toBe('');
    expect(await rows('who=dora&from=2020-01-01T00:00')).toBe(changes);
  });

  it('refuses a list, an action and a time that there are not', async () => {
    const refusal = async (query: string) => (await dashboard.get(`/audit?${query}`, admin)).body;
    expect(await refusal('of=x')).toContain('“of=x” is not valid. The value must be one of: users, api-keys, sign-ins, failed-sign-ins.');
    expect(await refusal('of=api-keys&action=x')).toContain('“action=x” is not valid. The value must be one of: retry, ');
    expect(await refusal('of=sign-ins&action=x')).toContain('“action=x” is not valid. No value is possible here.');
    expect(await refusal('from=yesterday')).toContain('“from=yesterday” is not valid. The value must be a time, such as 20');
    expect((await dashboard.get('/audit?of=x', admin)).statusCode).toBe(400);
  });

  it('rejects a forged cursor', async () => {
    for (const before of ['x', '1-1-1', '%2B', '']) expect((await dashboard.get(`/audit?before=${before}`, admin)).statusCode).toBe(400);
  });
});

describe('while Redis is down', () => {
  it('the pages say so, and so does the board', async () => {
    await dashboard.withFrozenRedis(async () => {
      for (const path of ['/bulk', '/queue/board']) {
        const { statusCode, body } = await dashboard.get(path, admin);
        expect([path, statusCode]).toEqual([path, 503]);
        expect(body).toContain('Redis does not respond');
      }
    });
  });
});
