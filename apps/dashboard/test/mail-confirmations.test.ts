/** What is confirmed before it is done to a mail: the actions, and a copy. */
import type { MailRecord } from '@posthouse/contract';
import { AuditLog, importRecords, MailQueue, newMailId, Pauses } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, DashboardFixture } from './dashboard-fixture.ts';
import { acceptedRecord, pastRecords } from './past-records.ts';

const dashboard = new DashboardFixture();
const past = pastRecords();
let queue: MailQueue;
let cookie: string;

beforeAll(async () => {
  await dashboard.start();
  queue = new MailQueue(dashboard.connection);
  cookie = await dashboard.signIn('operator');
});
afterAll(() => dashboard.stop());

async function imported(record: MailRecord): Promise<string> {
  const id = newMailId();
  await importRecords(dashboard.connection, [{ ...record, id }]);
  return id;
}

const textOf = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
const page = async (path: string, flash = '') => textOf((await dashboard.get(path, `${cookie}; ${flash}`)).body);
const copy = (id: string, form: Record<string, string> = {}, by = cookie) => dashboard.post(`/mails/${id}/copy`, form, { cookie: by });
const recordOf = async (id: string) => (await queue.read(id, true)) as MailRecord;
const literal = { content: { literal: { subject: 'Your order', text: 'Thanks' }, attachments: [], headers: {} } };

describe('the confirmation of an action', () => {
  it('says what is done, to how many and to whom', async () => {
    const confirm = async (record: MailRecord, action: string) => page(`/mails/${await imported(record)}/confirm?action=${action}`);
    expect(await confirm(past.retrying, 'cancel')).toMatch(
      /Cancel this mail\?.*content is deleted.*1 recipient anne@example\.net.*Go back/,
    );
    expect(await confirm(past.uncertain, 'sendAgain')).toMatch(/gets a duplicate.*1 recipient anne@example\.net/);
    expect(await confirm(past.uncertain, 'delivered')).toMatch(/ends as sent.*1 recipient/);
    const partly = await confirm(past.partial, 'retry');
    expect(partly).toMatch(/1 recipient nobody@example\.org .*1 recipient has the mail, and never gets it again/);
    expect(partly).toContain('The server knows no such address: nobody@example.org');
    expect(await confirm(past.sent, 'cancel')).toMatch(/This is not possible\. State of the mail: Sent\./);
  });

  it('changes nothing, and is for operators and known actions', async () => {
    const id = await imported(past.failed);
    await page(`/mails/${id}/confirm?action=retry`);
    expect((await recordOf(id)).state).toBe('failed');
    expect((await dashboard.get(`/mails/${id}/confirm?action=explode`, cookie)).statusCode).toBe(400);
    const viewer = await dashboard.signIn('viewer');
    for (const path of ['confirm?action=retry', 'copy']) {
      expect((await dashboard.get(`/mails/${id}/${path}`, viewer)).statusCode).toBe(403);
      expect((await dashboard.get(`/mails/${newMailId()}/${path}`, cookie)).statusCode).toBe(404);
    }
    expect((await copy(id, {}, viewer)).statusCode).toBe(403);
  });

  it('exists for a mail whose record cannot be read', async () => {
    const id = await imported(past.retrying);
    await dashboard.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[7]');
    expect(await page(`/mails/${id}/confirm?action=cancel`)).toMatch(/Unreadable mail.*unknown/);
  });

  it('of a mail that waits, its page says which attempt is next, when, and why', async () => {
    const { lastDeferral: _none, ...refused } = { ...past.retrying, deferralCount: 0 };
    expect(await page(`/mails/${await imported(past.retrying)}`)).toMatch(
      /ECONNREFUSED.* Attempt 3 of 10 at \d\d:\d\d \(in \d+ min\)\. Waiting since .* The provider could not take it, 4 times so far\./,
    );
    expect(await page(`/mails/${await imported(refused)}`)).toMatch(/452 4\.2\.2.* Attempt 3 of 10 .* Waiting since /);
    expect(await page(`/mails/${await imported(past.scheduled)}`)).toMatch(/Scheduled for .* Waiting since /);

    const pauses = new Pauses(dashboard.connection);
    const pause = await pauses.start({ scope: 'template', name: 'password-reset', by: 'anne', reason: 'broken link' });
    const card = async (record: MailRecord) =>
      /aria-label="State".*?<\/section>/s.exec((await dashboard.get(`/mails/${await imported(record)}`, cookie)).body)?.[0];
    expect(textOf((await card(past.retrying)) ?? '')).toContain('Template password-reset paused by anne: broken link');
    expect(await card(past.failed)).not.toContain('paused by anne');
    await pauses.end(pause);
  });

  it('recipients that were not sent to are not shown as rejected', async () => {
    const shown = await page(`/mails/${await imported(past.expired)}`);
    expect(shown).toContain('Not sent');
    expect(shown).not.toContain('Rejected');
  });
});

describe('a copy', () => {
  it('is a mail of its own, leads to its page, and is in the history of both and in the audit log', async () => {
    const id = await imported(past.failed);
    expect(await page(`/mails/${id}/copy`)).toMatch(/Send a copy of this mail\?.*1 recipient anne@example\.net.*sensitive values/);
    const response = await copy(id);
    const made = await recordOf(response.headers.location?.slice('/mails/'.length) ?? '');
    expect(made).toMatchObject({ copyOf: id, apiKey: 'signup-service', state: 'queued', content: past.failed.content });
    expect(made.envelope).toEqual(past.failed.envelope);
    const shown = await page(`/mails/${made.id}`, cookieOf(response));
    expect(shown).toMatch(/The copy is accepted and will be sent.*Send a copy by operator.*Original.*Copy of/);
    expect(await page(`/mails/${id}`)).toMatch(/Send a copy by operator .*Copy to anne@example\.net/);
    const { entries } = await new AuditLog(dashboard.connection).page(1);
    expect(entries).toMatchObject([{ who: 'operator', action: 'copy', target: id, detail: `copy ${made.id}` }]);
  });

  it('is sent once by two operators who confirm the same page, and again by one who has seen it', async () => {
    const id = await imported(past.failed);
    const admin = await dashboard.signIn('admin');
    const [first, second] = await Promise.all([copy(id, { after: '' }), copy(id, { after: '' }, admin)]);
    expect(second.headers.location).toBe(first.headers.location);
    const [made] = await queue.copyIds(id);
    const messages = await Promise.all([first, second].map((one) => page(`/mails/${made}`, cookieOf(one))));
    expect(messages.filter((message) => message.includes('has sent this copy already. Nothing was sent again.'))).toHaveLength(1);
    expect(await queue.copyIds(id)).toHaveLength(1);
    expect(await page(`/mails/${id}/copy`)).toMatch(/A copy was sent before\./);
    expect((await copy(id, { after: made ?? '' })).statusCode).toBe(303);
    expect(await queue.copyIds(id)).toHaveLength(2);
  });

  it('goes to a corrected address, which the audit log has, unless another one was sent meanwhile', async () => {
    const id = await imported(acceptedRecord(literal));
    expect(await page(`/mails/${id}/copy`)).toContain('Correct an address here');
    const refused = await copy(id, { to: 'anne@', after: '' });
    expect(refused.statusCode).toBe(422);
    expect(textOf(refused.body)).toContain('is not an address');
    const made = await recordOf((await copy(id, { to: 'anne@example.org', after: '' })).headers.location?.slice('/mails/'.length) ?? '');
    expect(made.recipients).toMatchObject([{ address: 'anne@example.org' }]);
    const { entries } = await new AuditLog(dashboard.connection).page(1);
    expect(entries).toMatchObject([{ detail: `copy ${made.id} to anne@example.org` }]);
    const late = await copy(id, { to: 'bo@example.org', after: '' });
    expect(late.statusCode).toBe(409);
    expect(textOf(late.body)).toMatch(/somebody else has sent a copy.*To anne@example\.org/);
  });

  it('keeps cc and bcc, also of a corrected address', async () => {
    const envelope = { ...acceptedRecord().envelope, cc: [{ address: 'c@example.net' }], bcc: [{ name: 'B', address: 'b@example.net' }] };
    const id = await imported(acceptedRecord({ ...literal, envelope }));
    const sentTo = async (to: string) => (await recordOf((await copy(id, { to, after: to })).headers.location?.slice(7) ?? '')).envelope;
    expect(await sentTo('anne@example.net, c@example.net, b@example.net')).toEqual(envelope);
    expect(await sentTo('anne@example.net, c@example.org, b@example.net')).toEqual({ ...envelope, cc: [{ address: 'c@example.org' }] });
    expect(await sentTo('b@example.net, other@example.org')).toMatchObject({ to: [], cc: [], bcc: [{ name: 'B' }, {}] });
  });

  it.each([
    ['whose content is gone', past.sent, 'the content was not kept completely', {}],
    ['with sensitive values, to another address', past.failed, 'the content has sensitive values', { to: 'eve@example.org' }],
    [
      'whose template is gone',
      acceptedRecord({ content: { template: { name: 'gone', locale: 'en', data: {} }, attachments: [], headers: {} } }),
      'the template has changed or is gone',
      {},
    ],
  ])('of a mail %s is refused', async (_what, record, reason, form: Record<string, string>) => {
    const id = await imported(record);
    const response = await copy(id, form);
    expect(response.statusCode).toBe(409);
    expect(textOf(response.body)).toContain(reason);
    expect(await queue.copyIds(id)).toEqual([]);
  });
});

describe('another time for a scheduled mail', () => {
  const inSeoul = () => `${cookie}; zone=${encodeURIComponent('Asia/Seoul')}`;
  const scheduled = () => imported(acceptedRecord({ scheduledAt: Date.parse('2030-01-01T00:00:00Z') }, Date.parse('2029-12-01T00:00:00Z')));

  it('is entered in the time zone of the user, and the mail is sent then', async () => {
    const id = await scheduled();
    expect(await page(`/mails/${id}`)).toContain('Reschedule…');
    const form = (await dashboard.get(`/mails/${id}/reschedule`, inSeoul())).body;
    expect(form).toContain('value="2030-01-01T09:00"');
    const at = new Date(Date.now() + 3_600_000);
    at.setUTCSeconds(0, 0);
    const local = new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 16);
    const response = await dashboard.post(`/mails/${id}/reschedule`, { at: local }, { cookie: inSeoul() });
    expect(await recordOf(id)).toMatchObject({ state: 'scheduled', dueAt: at.getTime() });
    expect(await page(`/mails/${id}`, cookieOf(response))).toMatch(/Rescheduled\..*Reschedule by operator/);
    const { entries } = await new AuditLog(dashboard.connection).page(1);
    expect(entries).toMatchObject([{ who: 'operator', action: 'reschedule', target: id, detail: `now scheduled, at ${at.toISOString()}` }]);
  });

  it('is refused where it is none, too far ahead or after the end of the mail, and where the mail is not scheduled', async () => {
    const fixed = acceptedRecord({ scheduledAt: Date.now() + 3_600_000, expiresAt: Date.now() + 9_000_000 }, Date.now());
    const id = await imported(fixed);
    for (const [at, message] of [
      ['tomorrow', 'Enter a date and a time.'],
      ['2099-01-01T00:00', 'It must be at most a year ahead.'],
      [new Date(Date.now() + 86_400_000).toISOString().slice(0, 16), 'so it must be sent before.'],
    ] as const) {
      const response = await dashboard.post(`/mails/${id}/reschedule`, { at }, { cookie });
      expect([response.statusCode, textOf(response.body).includes(message)]).toEqual([422, true]);
    }
    expect((await recordOf(id)).dueAt).toBe(fixed.dueAt);
    expect((await dashboard.post(`/mails/${id}/reschedule`, { at: '' }, { cookie: await dashboard.signIn('viewer') })).statusCode).toBe(
      403,
    );
    expect(await page(`/mails/${await imported(past.sent)}/reschedule`)).toContain('Only a scheduled mail can be sent at another time.');
  });
});
