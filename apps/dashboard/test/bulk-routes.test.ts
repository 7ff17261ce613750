/** Bulk actions: reviewed, started, watched, stopped, resumed; and rejected without the role. */
import { AuditLog, BulkActions, BulkRunner, FailureGroups, importRecords } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardFixture } from './dashboard-fixture.ts';
import { ended } from './sample-records.ts';

const dashboard = new DashboardFixture();
let operator: string;
let viewer: string;
const failed = [1, 2, 3].map((n) => ended('failed', '550 5.1.1', n * 60_000, `anne${n}@example.net`));

beforeAll(async () => {
  await dashboard.start();
  [operator, viewer] = await Promise.all([dashboard.signIn('operator'), dashboard.signIn('viewer')]);
  await importRecords(dashboard.connection, [...failed, ended('sent', '250 2.0.0')]);
});
afterAll(() => dashboard.stop());

const start = (form: [string, string][], cookie = operator) =>
  dashboard.app.inject({
    method: 'POST',
    url: '/bulk',
    payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', cookie },
  });

describe('before it starts', () => {
  it('shows the effect, the number of mails and the filter, and asks for the rate', async () => {
    const { body } = await dashboard.get('/bulk/new?action=retry&template=signup', operator);
    expect(body).not.toContain('Retried');
    for (const shown of ['Retry: 3 mails', 'sends failed mails again', 'Template: signup', 'name="perSecond"', 'value="50"'])
      expect(body).toContain(shown);
    expect(body).toContain('<input type="hidden" name="template" value="signup"/>');
    expect((await new BulkActions(dashboard.connection).newest(9)).length).toBe(0);
  });

  it('applies to all mails where the field of the unfiltered list says so', async () => {
    expect((await dashboard.get('/mails', operator)).body).toContain('<input type="hidden" name="mails" value="all"/>');
    const { body } = await dashboard.get('/bulk/new?action=retry&mails=all', operator);
    expect(body).toContain('Retry: 3 mails');
    expect(body).toContain('<input type="hidden" name="mails" value="all"/>');
    expect((await dashboard.get('/mails?template=signup', operator)).body).not.toContain('value="all"');
  });

  it('names the cause of chosen failure groups in words, and keeps it when the groups are gone', async () => {
    const [cause] = await new FailureGroups(dashboard.connection).top(1);
    const group = cause?.groups[0]?.group as string;
    const { body } = await dashboard.get(`/bulk/new?action=retry&group=${group}`, operator);
    expect(body).toMatch(/550 5\.1\.1.*no such mailbox.*signup · relay-1 · 3 mails/s);
    const fromFailures = await dashboard.get(`/bulk/new?action=retry&group=${group}&back=failures`, operator);
    expect(fromFailures.body).toMatch(/name="back" value="failures".*href="\/failures">Go back/s);
    expect((await dashboard.get('/failures', operator)).body).toContain('name="back" value="failures"');
    const started = await start([
      ['action', 'retry'],
      ['group', group],
      ['perSecond', '1'],
    ]);
    const path = String(started.headers.location);
    await dashboard.post(`${path}/stop`, {}, { cookie: operator });
    expect((await dashboard.get(path, viewer)).body).toMatch(/Cause.*no such mailbox.*signup · relay-1 · 3 mails/s);
  });

  it('says when there is nothing to do', async () => {
    const { body } = await dashboard.get('/bulk/new?action=retry&state=sent', operator);
    expect(body).toContain('Nothing to do');
    expect(body).not.toContain('name="perSecond"');
  });

  it('counts selected mails', async () => {
    const ids = failed.map(({ id }) => `ids=${id}`).join('&');
    const { body } = await dashboard.get(`/bulk/new?action=retry&${ids}`, operator);
    expect(body).toContain('3 selected');
    expect(body.match(/name="ids"/g)).toHaveLength(3);
  });

  it.each([
    ['an unknown action', 'action=explode'],
    ['no action', ''],
    ['an action without mails', 'action=cancel'],
    ['an action with nothing but empty or unknown fields', 'action=cancel&group=&state=&ids_=1'],
    ['a forged filter', 'action=retry&state=nonsense'],
    ['a filter twice', 'action=retry&tag=a&tag=b'],
    ['an invalid id', 'action=retry&ids=../../x'],
    ['too many ids', `action=retry&${Array.from({ length: 501 }, () => `ids=${failed[0]?.id}`).join('&')}`],
  ])('rejects %s, and starts nothing', async (_what, query) => {
    expect((await dashboard.get(`/bulk/new?${query}`, operator)).statusCode).toBe(400);
    const answer = await start([...new URLSearchParams(query), ['perSecond', '5']]);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('Nothing was changed');
  });

  it.each(['0', '501', '1.5', '-1', 'fast', ''])('asks again when the rate is %j', async (rate) => {
    const answer = await start([
      ['action', 'retry'],
      ['tag', 'welcome'],
      ['perSecond', rate],
    ]);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('aria-invalid="true"');
    expect(answer.body).toContain('A whole number from 1 to 500');
  });

  it('says how many mails failed and how many were partly sent, and that these go to rejected recipients only', async () => {
    const sent = ended('sent', '250 2.0.0', 60_000, 'anne@partly.example');
    const rejected = {
      address: 'bob@partly.example',
      kind: 'to' as const,
      state: 'rejected' as const,
      reason: '550 5.1.1',
      at: Date.now(),
    };
    const envelope = { ...sent.envelope, to: [...sent.envelope.to, { address: rejected.address }] };
    const partial = { ...sent, partial: true, envelope, recipients: [...sent.recipients, rejected] };
    await importRecords(dashboard.connection, [partial]);
    const group = (await new FailureGroups(dashboard.connection).overview({ state: 'sent' }, 'mails')).causes[0]?.groups[0]
      ?.group as string;
    expect((await dashboard.get('/failures?state=sent', operator)).body).toMatch(/<button[^>]*name="action" value="retry"/);
    const both = await dashboard.get(`/bulk/new?action=retry&${[partial, ...failed].map(({ id }) => `ids=${id}`).join('&')}`, operator);
    expect(both.body).toMatch(/Retry: 4 mails.*3 failed mails.*1 partly sent mail, only to the recipients that were rejected/s);
    expect((await dashboard.get(`/bulk/new?action=retry&group=${group}`, operator)).body).toMatch(
      /Retry: 1 mail.*0 failed mails.*1 partly sent mail,/s,
    );
  });

  it('is not allowed for a viewer', async () => {
    expect((await dashboard.get('/bulk/new?action=retry', viewer)).statusCode).toBe(403);
    expect((await start([['action', 'retry']], viewer)).statusCode).toBe(403);
    expect((await dashboard.get('/bulk', viewer)).statusCode).toBe(200);
  });
});

describe('once it runs', () => {
  it('shows its progress, can be stopped and resumed, and is in the audit log', async () => {
    const started = await start([
      ['action', 'retry'],
      ['recipient', 'example.net'],
      ['perSecond', '1'],
    ]);
    expect(started.statusCode).toBe(303);
    const path = String(started.headers.location);
    const shown = async (cookie = operator) => (await dashboard.get(path, cookie)).body;
    expect(await shown()).toMatch(/Running.*Runs in the background.*0 of 3.*Recipient: example\.net.*1 per second.*by operator.*Stop/s);
    expect(await shown(viewer)).not.toContain('Stop');
    expect((await dashboard.post(`${path}/stop`, {}, { cookie: viewer })).statusCode).toBe(403);

    expect((await dashboard.post(`${path}/stop`, {}, { cookie: operator })).headers.location).toBe(path);
    expect(await shown()).toMatch(/Stopped.*by operator.*Resume/s);
    expect(await shown()).not.toContain('in the background');
    await dashboard.post(`${path}/resume`, {}, { cookie: operator });
    await dashboard.post(`${path}/resume`, {}, { cookie: operator });

    const runner = new BulkRunner(dashboard.connection, 'worker', () => undefined);
    await runner.start();
    await expect.poll(shown).toMatch(/Done.*3 of 3/s);
    await runner.stop();
    // The mails wait for a worker; each number leads to its mails.
    const waiting = `/mails?state=queued%2Cscheduled%2Csending%2Cretrying&bulk=${path.slice('/bulk/'.length)}`;
    expect(await shown()).toMatch(/Sent.*Failed again.*Still waiting/s);
    expect(await shown()).toContain(`href="${waiting}"><b class="number">3</b>`);
    expect((await dashboard.get(waiting, viewer)).body).toContain('anne1@example.net');
    expect((await dashboard.get('/bulk', viewer)).body).toMatch(/Retry.*Done.*3 of 3/s);
    const { entries } = await new AuditLog(dashboard.connection).page(10);
    const actions = entries.filter(({ target }) => target === path.slice('/bulk/'.length)).map(({ action }) => action);
    expect(actions).toEqual(['resume bulk action', 'stop bulk action', 'start bulk action']);
    expect(entries.find(({ action }) => action === 'start bulk action')?.detail).toMatch(
      /Retry · 3 mails · Recipient: example\.net · 1 per second/,
    );
  });

  it('is sent again while the page is open', async () => {
    const url = await dashboard.listen();
    const id = await new BulkActions(dashboard.connection).start({ action: 'cancel', scope: { ids: [] }, by: '<b>anne</b>', perSecond: 5 });
    const stream = await fetch(`${url}/bulk/${id}/live`, { headers: { cookie: viewer } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader?.read())?.value ?? '';
    expect(first).toContain('Running');
    expect(first).toContain('&lt;b>anne');
    const runner = new BulkRunner(dashboard.connection, 'worker', () => undefined);
    await runner.start();
    for (let event = first; !event.includes('Done'); ) event = (await reader?.read())?.value ?? 'Done: the stream ended early';
    await reader?.cancel();
    await runner.stop();
  });

  it.each(['/bulk/x', '/bulk/0193b2a4-7c1e-7f60-9d31-5a8b1c2d3e4f', '/bulk/x/live'])('%s is not found', async (path) => {
    expect((await dashboard.get(path, operator)).statusCode).toBe(404);
  });
});

it('says before a retry how many mails will be rejected again, and what is left out', async () => {
  const late = (reason: string) => ({ ...ended('failed', reason, 0, 'anne@late.example'), template: 'late' });
  const unknown = [late('550 5.1.1'), late('550 5.1.1')];
  const lost = late('421 4.4.2');
  const uncertain = {
    ...lost,
    state: 'uncertain' as const,
    recipients: lost.recipients.map((each) => ({ ...each, state: 'pending' as const, uncertain: true as const })),
  };
  await importRecords(dashboard.connection, [...unknown, late('550 5.7.1'), uncertain]);
  const { causes } = await new FailureGroups(dashboard.connection).overview({ template: 'late' }, 'mails');
  const group = causes.flatMap(({ groups }) => groups.map((each) => each.group)).join(',');
  const review = async (query: string) => (await dashboard.get(`/bulk/new?${query}`, operator)).body;
  const mixed = await review(`action=retry&group=${group}`);
  expect(mixed).toMatch(/Retry: 3 mails.*Will be rejected again: 2 mails.*Left out.*Uncertain: 1 mail\./s);
  expect(mixed).not.toContain('421 4.4.2');
  for (const query of [unknown.map(({ id }) => `ids=${id}`).join('&'), 'template=late'])
    expect(await review(`action=retry&${query}`)).toContain('Will be rejected again: 2 mails');
  for (const query of ['action=retry&template=late&reason=550+5.7.1', `action=delivered&group=${group}`])
    expect(await review(query)).not.toContain('Will be rejected again');
});
