/** `content.raw`: a message of the caller's own, from its acceptance to its record. */
import { createApiKey, hashApiKey, parseKeyRights } from '@posthouse/access';
import { MailQueue } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good, key } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

const base64 = (...lines: string[]) => Buffer.from(lines.join('\r\n')).toString('base64');
const from = 'From: =?utf-8?q?Ann=C3=A9?= <anne@example.com>';
const raw = (...header: string[]) => base64(from, ...header, '', '.Hello.', '');
const post = (content: object, more: object = {}) => api.post('/v1/mails', { to: 'bo@example.net', content, ...more });

it('is accepted without Bcc and Posthouse-*, otherwise unchanged, with its sender, subject and Message-ID', async () => {
  const header = [
    'To: Team:;',
    'bcc: cleo@example.net,',
    ' dan@example.net',
    'Subject: =?utf-8?b?7KCc66qp?=',
    'Posthouse-Tag: a',
    'Message-ID: <42@shop.example.com>',
  ];
  const { id } = (
    await post({ raw: raw(...header) }, { to: ['bo@example.net', 'cleo@example.net'], tags: ['t'], from: 'bounces@example.org' })
  ).json();
  const record = await new MailQueue(api.connection).read(id, true);
  expect(record).toMatchObject({
    messageId: '<42@shop.example.com>',
    envelope: { from: { name: 'Anné', address: 'anne@example.com' }, returnPath: 'bounces@example.org' },
    content: { raw: { subject: '제목', message: base64(from, 'To: Team:;', header[3] as string, header[5] as string, '', '.Hello.', '') } },
  });
  const shown = (await api.get(`/v1/mails/${id}?content=true`)).json();
  expect(shown).toMatchObject({
    ...{ state: 'queued', from: { name: 'Anné', address: 'anne@example.com' }, messageId: '<42@shop.example.com>', tags: ['t'] },
    recipients: [{ address: 'bo@example.net' }, { address: 'cleo@example.net' }],
    content: { raw: { subject: '제목', message: record?.content?.raw?.message } },
  });
  const found = (messageId: string) => api.get(`/v1/mails?messageId=${encodeURIComponent(messageId)}`);
  expect((await found('<42@shop.example.com>')).json().mails.map((mail: { id: string }) => mail.id)).toEqual([id]);
  expect((await found('<43@shop.example.com>')).json().mails).toEqual([]);
  expect((await found('42@shop.example.com')).json().mails).toHaveLength(1);
  expect((await found('42')).json().issues).toMatchObject([{ pointer: '/messageId' }]);
});

it('without a Message-ID has one of ours, and a copy has one of its own', async () => {
  const { id } = (await post({ raw: raw() })).json();
  expect((await api.get(`/v1/mails/${id}`)).json().messageId).toBe(`<${id}@example.com>`);
  const named = (await post({ raw: raw('Message-ID: <7@example.com>') })).json().id;
  const copy = (await api.post(`/v1/mails/${named}/copy`, { to: 'cleo@example.net' })).json().id;
  const record = await new MailQueue(api.connection).read(copy, true);
  expect(record).toMatchObject({ messageId: `<${copy}@example.com>`, copyOf: named, content: { raw: { message: raw() } } });
  expect(record?.envelope.returnPath).toBeUndefined();
});

describe('is refused', () => {
  const issues = async (
    response: Promise<{ json: () => { status: number; issues?: { pointer: string; code: string; message: string }[] } }>,
  ) => {
    const { status, issues: found = [] } = (await response).json();
    return [status, ...found.map(({ pointer, code, message }) => `${pointer} ${code} ${message}`)];
  };

  it('with a sender of a foreign domain, also as one of several, and with one that the key may not use', async () => {
    const advice = 'must have one of the domains in MAIL_FROM_DOMAINS: example.com, example.org';
    const foreign = base64('From: anne@example.com, eve@example.net', '', 'Hi', '');
    expect(await issues(post({ raw: foreign }))).toEqual([422, `/content/raw not-allowed has a sender in From that ${advice}`]);
    for (const field of ['Sender', 'Resent-From', 'Resent-Sender'])
      expect(await issues(post({ raw: raw(`${field}: eve@example.net`) }))).toEqual([
        422,
        `/content/raw not-allowed has a sender in ${field} that ${advice}`,
      ]);
    expect(await issues(post({ raw: raw() }, { from: 'eve@example.net' }))).toEqual([422, `/from not-allowed ${advice}`]);
    const limited = createApiKey();
    api.keys.set(hashApiKey(limited), { name: 'org', rights: parseKeyRights('send+from=example.org') });
    const response = api.app.inject({
      ...{ method: 'POST', url: '/v1/mails', payload: { to: 'bo@example.net', content: { raw: raw() } } },
      headers: { authorization: `Bearer ${limited}` },
    });
    expect(await issues(response)).toEqual([
      422,
      expect.stringContaining('/content/raw not-allowed has a sender in From that must have one of the domains that this API key'),
    ]);
  });

  it('with what is wrong in its bytes', async () => {
    expect(await issues(post({ raw: Buffer.from('From: anne@example.com\n\nHi\n').toString('base64') }))).toEqual([
      422,
      '/content/raw wrong-format has a bare LF in line 1; end each line with CRLF (in Python: policy=email.policy.SMTP)',
    ]);
    expect(await issues(post({ raw: 'Hello!' }))).toEqual([400, expect.stringContaining('/content/raw wrong-format must be base64')]);
    expect(await issues(post({ raw: '' }))).toEqual([422, '/content/raw missing is empty']);
  });

  it('with fields that the message has itself', async () => {
    const more = { cc: 'cleo@example.net', headers: { 'X-A': 'b' }, attachments: [] };
    expect(await issues(post({ raw: raw(), subject: 'Hi' }, more))).toEqual([
      422,
      ...['cc', 'headers'].map(
        (field) => `/${field} conflict cannot be combined with \`content.raw\`: the message has it, and \`to\` has the recipients`,
      ),
      '/content/subject conflict cannot be combined with `raw`, which is a whole message',
    ]);
    expect((await api.post('/v1/mails', { ...good, content: { raw: raw() } })).statusCode).toBe(422);
    expect(await issues(post({ text: 'Hi' }))).toEqual([422, '/content/subject missing is missing']);
  });

  it('with more bytes than a message may have, before it is read', async () => {
    const large = Buffer.alloc(25 * 1024 * 1024 + 1, 'x').toString('base64');
    expect(await issues(post({ raw: large }))).toEqual([413, expect.stringContaining('/content/raw too-large')]);
  });

  it('for a key that may send some templates only', async () => {
    const limited = createApiKey();
    api.keys.set(hashApiKey(limited), { name: 'templates', rights: parseKeyRights('send+template=signup') });
    expect(key).not.toBe(limited);
    const response = await api.app.inject({
      ...{ method: 'POST', url: '/v1/mails', payload: { to: 'bo@example.net', content: { raw: raw() } } },
      headers: { authorization: `Bearer ${limited}` },
    });
    expect(response.json().issues).toMatchObject([{ pointer: '/content', code: 'not-allowed' }]);
  });
});
