import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

const pixel = Buffer.from('pixel').toString('base64');

const literal = { to: 'anne@example.net', content: { subject: 'Hi', text: 'Hi' } };

/** An attachment that says `method`, with a calendar whose method is REQUEST. */
const invitation = (method: string) => ({
  filename: 'invite.ics',
  contentType: `text/calendar; method=${method}; charset=utf-8`,
  content: Buffer.from('BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n').toString('base64'),
});

describe('POST /v1/mails', () => {
  it('accepts a mail and returns its record', async () => {
    const response = await api.post('/v1/mails', { ...good, tags: ['welcome'], metadata: { userId: 7 } });
    expect(response.statusCode).toBe(202);
    const { id } = response.json();
    expect(response.json()).toEqual({ id, state: 'queued', locale: 'ko' });
    expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({
      id,
      state: 'queued',
      messageId: `<${id}@example.com>`,
      apiKey: 'signup-service',
      template: 'signup',
      locale: 'ko',
      priority: 'normal',
      tags: ['welcome'],
      metadata: { userId: 7 },
      from: { name: 'Your House Today', address: 'hello@example.com' },
      recipients: [{ address: 'anne@example.net', kind: 'to', state: 'pending' }],
      attemptCount: 0,
      attempts: [],
    });
  });

  it('falls back to an available locale, and returns it', async () => {
    expect((await api.post('/v1/mails', { ...good, locale: 'en-GB' })).json()).toMatchObject({ locale: 'en' });
    expect((await api.post('/v1/mails', { ...good, locale: 'fr' })).json()).toMatchObject({ locale: 'ko' });
  });

  it.each(['en_US', 'EN-us', null, ''])('takes the locale %j as what it means', async (locale) => {
    expect((await api.post('/v1/mails', { ...good, locale })).json()).toMatchObject({ locale: locale ? 'en' : 'ko' });
    expect((await api.post('/v1/mails', { ...literal, locale: locale || null })).statusCode).toBe(locale ? 422 : 202);
  });

  it('splits `Name <address>` into name and address', async () => {
    const response = await api.post('/v1/mails', {
      ...literal,
      from: 'Receipts <receipts@example.org>',
      to: 'Anne B <anne@example.net>',
      cc: ['"Bo, C" <bo@example.net>', '<carol@example.net>'],
      bcc: 'dan@example.net <dan@example.net>',
      replyTo: ['Help <help@example.com>'],
    });
    const shown = (await api.get(`/v1/mails/${response.json().id}`)).json();
    expect(shown.from).toEqual({ name: 'Receipts', address: 'receipts@example.org' });
    expect(shown.recipients.map(({ address }: { address: string }) => address)).toEqual([
      'anne@example.net',
      'bo@example.net',
      'carol@example.net',
      'dan@example.net',
    ]);
  });

  it.each(['a..b@docomo.ne.jp', 'a.@docomo.ne.jp', 'anne@डाटामेल.भारत', 'anne@ไปรษณีย์.ไทย', '안네@example.net'])(
    'takes %s as a recipient and in template data',
    async (email) => {
      const response = await api.post('/v1/mails', { to: email, template: 'signup', data: { nickname: 'Anne', email } });
      expect(response.statusCode).toBe(202);
    },
  );

  it('accepts an invitation, and headers in any case', async () => {
    const headers = {
      'in-reply-to': '<1@example.com>',
      References: '<1@example.com> <2@example.com>',
      'Feedback-ID': 'a:b:c:d',
      Importance: 'High',
      Organization: '너네집',
      'Auto-Submitted': 'no',
      'x-any': '1',
    };
    const response = await api.post('/v1/mails', { ...literal, headers, attachments: [invitation('REQUEST')] });
    expect(response.statusCode).toBe(202);
    const shown = (await api.get(`/v1/mails/${response.json().id}?content=true`)).json();
    expect(shown.content.headers).toEqual(headers);
  });

  it('accepts every field of a mail', async () => {
    const response = await api.post('/v1/mails', {
      to: [{ name: 'Anne', address: 'anne@example.net' }, 'bob@EXAMPLE.net'],
      cc: 'carol@example.net',
      bcc: ['dan@example.net'],
      replyTo: 'help@example.com',
      from: { name: 'Receipts', address: 'receipts@example.org' },
      content: { subject: 'Your receipt', html: '<p>Thanks</p>', text: 'Thanks' },
      attachments: [{ filename: 'receipt.pdf', contentType: 'application/pdf', content: pixel, cid: 'r1' }],
      headers: { 'X-Order': '7', 'List-Unsubscribe': '<https://example.com/u>' },
      tags: ['receipt'],
      metadata: { nested: { order: 7 } },
      priority: 'high',
      scheduledAt: new Date(Date.now() + 60_000).toISOString(),
    });
    expect(response.json()).toEqual({ id: expect.any(String), state: 'scheduled' });
    const shown = (await api.get(`/v1/mails/${response.json().id}?content=true`)).json();
    expect(shown.recipients.map(({ address, kind }: { address: string; kind: string }) => `${kind} ${address}`)).toEqual([
      'to anne@example.net',
      'to bob@example.net',
      'cc carol@example.net',
      'bcc dan@example.net',
    ]);
    expect(shown).toMatchObject({
      state: 'scheduled',
      messageId: expect.stringMatching(/@example\.org>$/),
      content: { literal: { subject: 'Your receipt' }, attachments: [{ filename: 'receipt.pdf', bytes: 5 }], headers: { 'X-Order': '7' } },
    });
  });
});

describe('an invalid mail is rejected with a pointer for each issue, and nothing is queued', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@example.net`);
  const { data: _data, ...withoutData } = good;
  const cases: [what: string, body: unknown, status: number, pointers: string[]][] = [
    ['malformed JSON', '{"to":', 400, ['']],
    ['no body', '', 400, ['']],
    ['not an object', '[]', 400, ['']],
    ['an unknown field', { ...good, too: 1 }, 400, ['/too']],
    ['two unknown fields, one with a slash', { ...good, 'a/b': 1, c: 2 }, 400, ['/a~1b', '/c']],
    ['no recipient', { ...good, to: undefined }, 400, ['/to']],
    ['an empty list of recipients', { ...good, to: [] }, 400, ['/to']],
    ['101 recipients', { ...good, to: many(101) }, 400, ['/to']],
    ['101 recipients in all', { ...good, to: many(40), cc: many(40), bcc: many(21) }, 422, ['/to']],
    ['a recipient of the wrong type', { ...good, to: 7 }, 400, ['/to']],
    ['a second address in an address', { ...good, to: 'a@example.net, b@example.net' }, 400, ['/to']],
    ['a line break in an address', { ...good, to: ['anne@example.net\r\nBcc: eve@example.net'] }, 400, ['/to/0']],
    ['a header in an address', { ...good, to: { address: 'a@b.c>\r\nRCPT TO:<eve@example.net' } }, 400, ['/to/address']],
    ['a line break in a name', { ...good, to: [{ name: 'A\r\nBcc: eve@example.net', address: 'a@example.net' }] }, 400, ['/to/0/name']],
    ['two names and addresses in one string', { ...good, cc: ['Anne <anne@example.net>, Bo <bo@example.net>'] }, 400, ['/cc/0']],
    ['an address and a name with an address', { ...good, cc: 'anne@example.net; Bo <bo@example.net>' }, 400, ['/cc']],
    ['a name in the address of an object', { ...good, to: { address: 'Anne <anne@example.net>' } }, 400, ['/to/address']],
    ['a domain that is an IP address in other words', { ...good, to: 'anne@0x7f.0x1' }, 400, ['/to']],
    ['a quoted local part', { ...good, to: '"a b"@example.net' }, 400, ['/to']],
    ['an address that is too long', { ...good, to: `${'a'.repeat(65)}@example.net` }, 400, ['/to']],
    ['an unknown template', { ...good, template: 'nope' }, 422, ['/template']],
    ['a template name that is a property of every object', { ...good, template: '__proto__' }, 422, ['/template']],
    ['missing template data', { ...good, data: { nickname: 'Anne' } }, 422, ['/data/email']],
    ['no template data at all', withoutData, 422, ['/data/email', '/data/nickname']],
    ['mistyped template data', { ...good, data: { ...good.data, nickname: 3 } }, 422, ['/data/nickname']],
    ['unknown template data', { ...good, data: { ...good.data, extra: true } }, 422, ['/data/extra']],
    ['a sender of a foreign domain', { ...good, from: 'hello@gmail.com' }, 422, ['/from']],
    ['a sender of a domain with the same ending', { ...good, from: 'hello@evilexample.com' }, 422, ['/from']],
    ['neither template nor content', { to: 'anne@example.net' }, 422, ['']],
    ['both template and content', { ...good, content: { subject: 'x', text: 'y' } }, 422, ['']],
    ['content without html and text', { to: 'anne@example.net', content: { subject: 'x' } }, 422, ['/content']],
    ['data beside content', { to: 'anne@example.net', data: {}, content: { subject: 'x', text: 'y' } }, 422, ['/data']],
    [
      'a line break in the subject',
      { to: 'anne@example.net', content: { subject: 'x\r\nBcc: e@example.net', text: 'y' } },
      400,
      ['/content/subject'],
    ],
    [
      'NUL and halves of surrogate pairs in content',
      { to: 'anne@example.net', content: { subject: '\ud83d', text: 'a\0b', html: '<p>\ude00</p>' } },
      400,
      ['/content/html', '/content/subject', '/content/text'],
    ],
    [
      'an attachment that is not base64',
      { ...good, attachments: [{ filename: 'a.txt', content: 'not base64!' }] },
      400,
      ['/attachments/0/content'],
    ],
    [
      'an attachment with a path for a name',
      { ...good, attachments: [{ filename: '../a', content: pixel }] },
      400,
      ['/attachments/0/filename'],
    ],
    [
      'an attachment by path',
      { ...good, attachments: [{ filename: 'a', path: '/etc/passwd' }] },
      400,
      ['/attachments/0/content', '/attachments/0/path'],
    ],
    [
      'an attachment that consists of parts',
      { ...good, attachments: [{ filename: 'a', contentType: 'multipart/mixed; boundary=a', content: pixel }] },
      422,
      ['/attachments/0/contentType'],
    ],
    [
      'a media type with a parameter twice',
      { ...good, attachments: [{ filename: 'a', contentType: 'text/csv; charset=utf-8; charset=utf-8', content: pixel }] },
      400,
      ['/attachments/0/contentType'],
    ],
    ['an invitation with an unknown method', { ...good, attachments: [invitation('INVITE')] }, 422, ['/attachments/0/contentType']],
    ['an invitation with another method', { ...good, attachments: [invitation('CANCEL')] }, 422, ['/attachments/0/contentType']],
    ['two invitations', { ...good, attachments: [invitation('REQUEST'), invitation('REQUEST')] }, 422, ['/attachments/1/contentType']],
    ['a header twice', { ...good, headers: { 'X-A': '1', 'x-a': '2' } }, 422, ['/headers/x-a']],
    ['a reply to what is no Message-ID', { ...good, headers: { 'In-Reply-To': 'anne' } }, 422, ['/headers/In-Reply-To']],
    ['an unknown keyword', { ...good, headers: { 'Auto-Submitted': 'yes' } }, 422, ['/headers/Auto-Submitted']],
    ['a locale that is none', { ...good, locale: 'en US' }, 400, ['/locale']],
    ['a header that is not X- or List-', { ...good, headers: { Bcc: 'eve@example.net' } }, 400, ['/headers/Bcc']],
    ['a line break in a header', { ...good, headers: { 'X-A': 'b\r\nBcc: eve@example.net' } }, 400, ['/headers/X-A']],
    ['11 tags', { ...good, tags: many(11) }, 400, ['/tags']],
    ['a long tag', { ...good, tags: ['x'.repeat(65)] }, 400, ['/tags/0']],
    ['an unknown priority', { ...good, priority: 'urgent' }, 400, ['/priority']],
    ['an invalid time', { ...good, scheduledAt: 'tomorrow' }, 400, ['/scheduledAt']],
    ['a time too far ahead', { ...good, scheduledAt: new Date(Date.now() + 400 * 86_400_000).toISOString() }, 422, ['/scheduledAt']],
    ['a leap second', { ...good, scheduledAt: '2026-12-31T23:59:60Z' }, 422, ['/scheduledAt']],
    [
      'metadata that is nested too deep',
      `{"to":"a@example.net","template":"signup","data":{},"metadata":{"a":${'['.repeat(33)}${']'.repeat(33)}}}`,
      413,
      ['/data/email', '/data/nickname', '/metadata'],
    ],
    [
      'a body that is nested too deep',
      `{"to":"a@example.net","template":"signup","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      400,
      [`/data/a${'/0'.repeat(38)}`],
    ],
    ['metadata over 4 KB', { ...good, metadata: { a: 'x'.repeat(4100) } }, 413, ['/metadata']],
    ['content over 1 MB', { to: 'anne@example.net', content: { subject: 'x', text: 'y'.repeat(1_048_577) } }, 413, ['/content']],
    ['attachments over 25 MB', { ...good, attachments: [{ filename: 'a', content: 'A'.repeat(36_000_000) }] }, 413, ['/attachments']],
    ['a body over 36 MB', `{"to":"${'a'.repeat(38_000_000)}"}`, 413, ['']],
  ];

  it.each(cases)('%s', async (_what, body, status, pointers) => {
    const before = await api.jobs();
    const response = await api.post('/v1/mails', body);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = response.json();
    expect(problem).toMatchObject({ type: `https://posthouse.example/errors/${problem.code}`, status, title: expect.any(String) });
    expect((problem.issues ?? []).map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
    expect(await api.jobs()).toBe(before);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/xml'])('%s is not JSON', async (type) => {
    expect((await api.post('/v1/mails', JSON.stringify(good), { 'content-type': type })).statusCode).toBe(415);
  });
});

describe('POST /v1/mails/batch', () => {
  it('accepts all mails in order', async () => {
    const mails = Array.from({ length: 450 }, (_, n) => ({ ...good, to: `a${n}@example.net`, metadata: { n } }));
    const { results } = (await api.post('/v1/mails/batch', { mails })).json();
    expect(results).toHaveLength(450);
    expect((await api.get(`/v1/mails/${results[449].id}`)).json()).toMatchObject({
      metadata: { n: 449 },
      recipients: [{ address: 'a449@example.net' }],
    });
  });

  it('accepts none when one is invalid, and lists each issue', async () => {
    const before = await api.jobs();
    const response = await api.post('/v1/mails/batch', { mails: [good, { ...good, template: 'nope' }, { ...good, from: 'a@gmail.com' }] });
    expect(response.statusCode).toBe(422);
    expect(response.json().issues.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/mails/1/template', '/mails/2/from']);
    expect(await api.jobs()).toBe(before);
  });

  it('rejects an empty list and 1,001 mails', async () => {
    expect((await api.post('/v1/mails/batch', { mails: [] })).statusCode).toBe(400);
    expect((await api.post('/v1/mails/batch', { mails: Array(1001).fill(good) })).statusCode).toBe(400);
  });
});

describe('GET /v1/mails/{id}', () => {
  it('returns 404 for an unknown mail and 400 for an invalid id', async () => {
    expect((await api.get('/v1/mails/0190a0b0-0000-7000-8000-000000000001')).statusCode).toBe(404);
    for (const id of ['x', '123', '-'.repeat(36)]) {
      expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({
        status: 400,
        issues: [{ pointer: '/id', message: 'must be a UUID' }],
      });
    }
  });
});
