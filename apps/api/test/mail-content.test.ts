/** `?content=true`: the content of a mail, or what is kept of it. */
import type { MailRecord } from '@posthouse/contract';
import { importRecords, MailQueue, newMailId } from '@posthouse/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

it('returns content only on request, and masks sensitive template data', async () => {
  const data = { nickname: 'Anne', resetUrl: 'https://example.com/reset/planted-token', expiresInMinutes: 30 };
  const { id } = (await api.post('/v1/mails', { to: 'anne@example.net', template: 'password-reset', data })).json();
  expect((await api.get(`/v1/mails/${id}`)).json()).not.toHaveProperty('content');
  const shown = await api.get(`/v1/mails/${id}?content=true`);
  expect(shown.json().content.template.data).toEqual({ nickname: 'Anne', resetUrl: '••••••', expiresInMinutes: 30 });
  expect(shown.json()).toMatchObject({ contentState: 'complete' });
  expect(shown.body).not.toContain('planted-token');
});

it('returns what is kept of a sent mail, and until when', async () => {
  const { id } = (await api.post('/v1/mails', good)).json();
  const { content: _replaced, ...record } = (await new MailQueue(api.connection).read(id, true)) as MailRecord;
  const data = { nickname: 'Anne', resetUrl: '••••••', expiresInMinutes: 30 };
  const template = { name: 'password-reset', locale: 'en', data, subject: 'Kept', omitted: ['/resetUrl'] };
  const contentUntil = Date.now() + 60_000;
  const sent = { ...record, id: newMailId(), state: 'sent' as const, endedAt: Date.now(), contentUntil };
  await importRecords(api.connection, [{ ...sent, keptContent: { template, attachments: [], headers: {} } }]);
  const state = { state: 'sent', contentState: 'reduced', contentUntil: new Date(contentUntil).toISOString() };
  const brief = (await api.get(`/v1/mails/${sent.id}`)).json();
  expect(brief).toMatchObject(state);
  expect(brief).not.toHaveProperty('content');
  expect((await api.get(`/v1/mails/${sent.id}?content=true`)).json()).toMatchObject({
    ...state,
    content: { template, attachments: [], headers: {} },
  });
});
