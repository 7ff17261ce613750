/** Mails whose records this API cannot read, on their own and in the list. */
import { patientDurations } from '@posthouse/devkit';
import { MailQueue, newMailId, newRecord, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

/** Accepts a mail as an API with that POSTHOUSE_SECRET does; returns its id. */
async function acceptedWith(secret: string): Promise<string> {
  const connection = new RequestConnection(api.redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
  await connection.start();
  await connection.whenReady();
  const envelope = { from: { address: 'hello@example.com' }, to: [{ address: 'anne@example.com' }], cc: [], bcc: [], replyTo: [] };
  const content = { literal: { subject: 'Hello', text: 'Hello.' }, attachments: [], headers: {} };
  const record = newRecord(newMailId(), { apiKey: 'k', envelope, content, priority: 'high', tags: ['vip'] }, Date.now());
  await new MailQueue(connection).accept([record]);
  await connection.stop();
  return record.id;
}

async function expectIssue(id: string, issue: RegExp): Promise<void> {
  const mail = { id, state: 'queued', attemptCount: 0, recipients: [], issue: expect.stringMatching(issue) };
  for (const path of ['', '?content=true']) {
    const response = await api.get(`/v1/mails/${id}${path}`);
    expect({ status: response.statusCode, body: response.json() }).toMatchObject({ status: 200, body: mail });
    expect(response.body).not.toMatch(/anne/);
  }
  const { mails } = (await api.get('/v1/mails')).json();
  expect(mails.find((listed: { id: string }) => listed.id === id)).toMatchObject(mail);
}

it('a mail that is sealed with a key that the API does not have is shown without its sealed fields, with the reason', async () => {
  await expectIssue(await acceptedWith(`other:${'9'.repeat(64)}`), /sealed with the key "other".*add that key to its POSTHOUSE_SECRET/);
});

it('a mail whose record was edited is shown likewise', async () => {
  const { id } = (await api.post('/v1/mails', good)).json();
  await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'envelope', 'edited');
  await expectIssue(id, /the record's envelope cannot be decrypted/);
});

it('a mail of which only the content cannot be read is shown, and with its content has the reason', async () => {
  const { id } = (await api.post('/v1/mails', good)).json();
  await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'content', 'edited');
  expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({ id, from: { address: 'hello@example.com' } });
  expect((await api.get(`/v1/mails/${id}?content=true`)).json()).toMatchObject({
    id,
    issue: expect.stringContaining("the record's content"),
  });
});

it('an action on a mail whose record was edited has an answer in words; the mail can be cancelled', async () => {
  const { id } = (await api.post('/v1/mails', good)).json();
  await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'recipients', '[7]', 'state', 'failed');
  const retried = await api.post(`/v1/mails/${id}/retry`, {});
  expect(retried.json()).toMatchObject({
    status: 409,
    code: 'record-unreadable',
    detail: expect.stringContaining("the record's recipients"),
  });
  await api.redis.cli('HSET', `{posthouse}:record:${id}`, 'state', 'queued');
  expect((await api.post(`/v1/mails/${id}/cancel`, {})).json()).toEqual({ id, state: 'cancelled' });
});

it('a key that holds something else than a record is one row, and can be cancelled', async () => {
  const { id } = (await api.post('/v1/mails', good)).json();
  await api.redis.cli('DEL', `{posthouse}:record:${id}`);
  await api.redis.cli('RPUSH', `{posthouse}:record:${id}`, 'x');
  expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({ id, issue: expect.stringContaining('something else') });
  for (const action of ['retry', 'resolve']) {
    const { statusCode, body } = await api.post(`/v1/mails/${id}/${action}`, action === 'resolve' ? { outcome: 'delivered' } : {});
    expect([statusCode, JSON.parse(body).code]).toEqual([409, 'record-unreadable']);
  }
  expect((await api.post(`/v1/mails/${id}/cancel`, {})).json()).toEqual({ id, state: 'cancelled' });
});
