/** Copies of mails through the API: what they are, what is refused, and that each is accepted once. */
import { createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import type { MailContent, MailRecord } from '@posthouse/contract';
import { AuditLog, importRecords, MailQueue, newMailId, newRecord } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
let queue: MailQueue;
beforeAll(async () => {
  await api.start();
  queue = new MailQueue(api.connection);
});
afterAll(() => api.stop());

const reset = {
  to: 'anne@example.net',
  template: 'password-reset',
  data: { nickname: 'Anne', resetUrl: 'https://example.com/planted-token', expiresInMinutes: 30 },
};

async function accepted(mail: object = good): Promise<string> {
  return (await api.post('/v1/mails', mail)).json().id;
}

const copy = (id: string, body: object = {}, headers: Record<string, string> = {}) => api.post(`/v1/mails/${id}/copy`, body, headers);
const recordOf = async (id: string) => (await queue.read(id, true)) as MailRecord;

/** A sent mail whose content was replaced by what is kept of it. */
async function sent(kept: Partial<NonNullable<MailRecord['keptContent']>>): Promise<string> {
  const { content: _replaced, ...original } = await recordOf(await accepted());
  const keptContent = { attachments: [], headers: {}, ...kept };
  const recipients = original.recipients.map((recipient) => ({ ...recipient, state: 'accepted' as const }));
  const times = { endedAt: Date.now(), contentUntil: Date.now() + 3_600_000 };
  const record: MailRecord = { ...original, id: newMailId(), state: 'sent', recipients, keptContent, ...times };
  await importRecords(api.connection, [record]);
  return record.id;
}

const signup = { name: 'signup', locale: 'en', subject: 'Welcome', omitted: [], data: good.data };

describe('a copy', () => {
  it('is a new mail with a job, the content and a seal of its own, linked both ways', async () => {
    const literal = { subject: 'Your order', text: 'Thanks' };
    const attachments = [{ filename: 'a.txt', content: 'aGk=' }];
    const from = { tags: ['order'], metadata: { order: 7 }, headers: { 'X-Order': '7' }, cc: 'bo@example.net', priority: 'high' };
    const id = await accepted({ to: 'anne@example.net', content: literal, attachments, ...from });
    const before = await api.jobs();
    const response = await copy(id);
    expect(response.statusCode).toBe(202);
    expect(await api.jobs()).toBe(before + 1);
    const [original, made] = [await recordOf(id), await recordOf(response.json().id)];
    expect(made).toMatchObject({ copyOf: id, content: original.content, envelope: original.envelope, tags: ['order'], priority: 'high' });
    expect(made.actions).toMatchObject([{ action: 'copy', who: 'signup-service', role: 'API key' }]);
    expect(made.messageId).toBe(`<${made.id}@example.com>`);
    const sealed = await Promise.all([id, made.id].map((one) => api.redis.cli('HGET', `{posthouse}:record:${one}`, 'content')));
    expect(new Set(sealed).size).toBe(2);
    expect((await api.get(`/v1/mails/${made.id}`)).json()).toMatchObject({ copyOf: id });

    const second = (await copy(made.id)).json().id;
    expect((await api.get(`/v1/mails/${made.id}`)).json().copies).toEqual([second]);
    expect((await api.get(`/v1/mails/${id}`)).json().copies).toEqual([made.id]);
  });

  it('of a sent mail is made of what is kept, where that is all of it', async () => {
    for (const kept of [{ template: signup }, { literal: { subject: 'Your order', text: 'Thanks' } }]) {
      const { id } = (await copy(await sent(kept), { to: 'new@example.net' })).json();
      expect((await recordOf(id)).recipients).toMatchObject([{ address: 'new@example.net', state: 'pending' }]);
    }
  });

  it('of a mail of a batch is a single mail', async () => {
    const { results } = (await api.post('/v1/mails/batch', { mails: [good, good] })).json();
    const { id } = (await copy(results[1].id)).json();
    expect(await recordOf(id)).toMatchObject({ copyOf: results[1].id, state: 'queued' });
  });

  it.each([
    ['a template mail without its sensitive values', { template: { ...signup, omitted: ['/email'] } }],
    ['a mail without its attachments', { template: signup, attachments: [{ filename: 'a.pdf', bytes: 7 }] }],
  ])('of %s is refused', async (_what, kept) => {
    expect((await copy(await sent(kept))).json()).toMatchObject({ status: 409, code: 'content-incomplete' });
  });

  it('of a mail whose content is gone is refused', async () => {
    const id = await accepted();
    await api.post(`/v1/mails/${id}/cancel`, {});
    const before = await api.jobs();
    expect((await copy(id)).json()).toMatchObject({ status: 409, code: 'content-incomplete' });
    expect(await api.jobs()).toBe(before);
  });

  it('with sensitive values goes to recipients of the mail only', async () => {
    const id = await accepted({ ...reset, cc: 'bo@example.net' });
    const refused = await copy(id, { to: ['anne@example.net', 'eve@example.org'] });
    expect(refused.json()).toMatchObject({ status: 409, code: 'sensitive-content', issues: [{ pointer: '/to' }] });
    const made = await recordOf((await copy(id, { to: 'Bo@example.net' })).json().id);
    expect(made.recipients).toMatchObject([{ address: 'Bo@example.net' }]);
    expect(made.content?.template?.data).toEqual(reset.data);
  });

  it('is checked like any other mail: recipients, templates and senders', async () => {
    const literal = await accepted({ to: 'anne@example.net', from: 'hello@example.org', content: { subject: 'x', text: 'y' } });
    for (const [rights, pointer] of [
      ['template=signup', '/content'],
      ['from=example.com', '/from'],
    ]) {
      const key = createApiKey();
      api.keys.set(hashApiKey(key), { name: 'signup-service', rights: parseKeyRights(`send+read-own+content+act-own+${rights}`) });
      const response = await copy(literal, {}, { authorization: `Bearer ${key}` });
      expect(response.json()).toMatchObject({ status: 422, issues: [{ pointer }] });
    }
    expect((await copy(literal, { to: 'no address' })).json()).toMatchObject({ status: 400, issues: [{ pointer: '/to' }] });
    expect((await copy(literal, { cc: 'bo@example.net' })).json()).toMatchObject({ status: 400, issues: [{ pointer: '/cc' }] });
  });

  it('by another key is its own, and unknown to keys that see their own mails only', async () => {
    const [all, own] = [createApiKey(), createApiKey()];
    api.keys.set(hashApiKey(all), { name: 'support', rights: parseKeyRights('send+read-all+content+act-all+rate=1/h') });
    api.keys.set(hashApiKey(own), { name: 'signup-service', rights: parseKeyRights('send+read-own') });
    const id = await accepted();
    const made = (await copy(id, {}, { authorization: `Bearer ${all}` })).json().id;
    expect(await recordOf(made)).toMatchObject({ apiKey: 'support', copyOf: id });
    expect((await copy(id, {}, { authorization: `Bearer ${all}` })).json()).toMatchObject({ status: 429, code: 'rate-limited' });
    const seen = await api.app.inject({ url: `/v1/mails/${id}`, headers: { authorization: `Bearer ${own}` } });
    expect(seen.json()).not.toHaveProperty('copies');
  });

  it('is accepted once for an Idempotency-Key, also when the content is gone, and is in the audit log once', async () => {
    const id = await accepted();
    const key = { 'idempotency-key': `copy:${id}` };
    const answers = await Promise.all([1, 2, 3].map(() => copy(id, { to: 'new@example.net' }, key)));
    const made = new Set(answers.flatMap((answer) => (answer.statusCode === 202 ? [answer.json().id] : [])));
    expect(made.size).toBe(1);
    await api.post(`/v1/mails/${id}/cancel`, {});
    const repeated = await copy(id, { to: 'new@example.net' }, key);
    expect([...made]).toEqual([repeated.json().id]);
    expect((await copy(id, {}, key)).json()).toMatchObject({ code: 'idempotency-key-mismatch' });
    const { entries } = await new AuditLog(api.connection).page(50, undefined, 'api-keys');
    const own = entries.filter(({ target, action }) => target === id && action === 'copy');
    expect(own).toMatchObject([{ who: 'signup-service', detail: `copy ${[...made][0]} to new@example.net` }]);
  });
});

it('a copy of an older mail has as much time as that had', async () => {
  const { content, ...original } = await recordOf(await accepted());
  const record = newRecord(newMailId(), { ...original, content: content as MailContent, expiresAt: 61_000 }, 1000);
  await importRecords(api.connection, [record]);
  const made = await recordOf((await copy(record.id)).json().id);
  expect(made.expiresAt - made.createdAt).toBe(60_000);
});
