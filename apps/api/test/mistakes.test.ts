/** The mistakes that people make with the API at first, and the texts that they get. */
import { readFileSync } from 'node:fs';
import { createApiKey } from '@posthouse/access';
import { issueCodes } from '@posthouse/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, good, key } from './api-fixture.ts';
import { literal, mistakes } from './mistaken-mails.ts';
import { rareMistakes } from './rare-mistakes.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

describe('a mail with', () => {
  it.each([...mistakes, ...rareMistakes])('%s', async (_what, body, status, issues) => {
    const { statusCode, json } = await api.post('/v1/mails', body);
    expect(json().issues).toEqual(issues.map(([pointer, code, message]) => ({ pointer, code, message })));
    expect(statusCode).toBe(status);
  });

  it('issues has the same ones in a batch', async () => {
    const bodies = mistakes.filter(([, body, status]) => typeof body === 'object' && !Array.isArray(body) && status === 400);
    const { json } = await api.post('/v1/mails/batch', { mails: bodies.map(([, body]) => body) });
    const expected = bodies.flatMap(([, , , issues], n) =>
      issues.map(([pointer, code, message]) => ({ pointer: `/mails/${n}${pointer}`, code, message })),
    );
    expect(json().issues).toEqual(expected);
    const { json: answer, statusCode } = await api.post('/v1/mails/batch', [good]);
    const message = 'must be an object, not a list: write {"mails": [ … ]}';
    expect([statusCode, answer().issues]).toEqual([400, [{ pointer: '', code: 'wrong-type', message }]]);
  });
});

const sendKey = 'Send the header `Authorization: Bearer <key>`. Create a key with `npm run keys -- create <name>`.';
const sendJson = 'Send JSON with the header `content-type: application/json`';

it.each<[what: string, headers: Record<string, string>, status: number, detail: string]>([
  ['no key', {}, 401, sendKey],
  ['a key without Bearer', { authorization: key }, 401, `The key has no \`Bearer \` before it. ${sendKey}`],
  ['a key in another header', { 'x-api-key': key }, 401, `The key is in the header \`x-api-key\`. ${sendKey}`],
  ['Basic', { authorization: 'Basic cGg6' }, 401, `This is Basic authentication. ${sendKey}`],
  [
    'an empty variable',
    { authorization: 'Bearer ' },
    401,
    `There is no key after \`Bearer\`: the variable with the key may be empty. ${sendKey}`,
  ],
  [
    'a cut key',
    { authorization: `Bearer ${key.slice(0, -1)}` },
    401,
    'There is no such key: it is not a whole key, which has `ph_` and 49 letters and digits. Create a key with `npm run keys -- create <name>`.',
  ],
  [
    'a key with a wrong character',
    { authorization: `Bearer ${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` },
    401,
    'There is no such key: a character of it is wrong, as its checksum shows. Copy it again. Create a key with `npm run keys -- create <name>`.',
  ],
  [
    'an unknown key',
    { authorization: `Bearer ${createApiKey()}` },
    401,
    'There is no such key, or it was revoked. Create a key with `npm run keys -- create <name>`.',
  ],
  [
    'the media type of curl',
    { authorization: `Bearer ${key}`, 'content-type': 'application/x-www-form-urlencoded' },
    415,
    `The body is declared as a form, as curl does with \`-d\` alone. ${sendJson}.`,
  ],
  [
    'the media type of fetch',
    { authorization: `Bearer ${key}`, 'content-type': 'text/plain;charset=UTF-8' },
    415,
    `The body is declared as plain text, as fetch does with a string. ${sendJson}.`,
  ],
  [
    'a form with files',
    { authorization: `Bearer ${key}`, 'content-type': 'multipart/form-data; boundary=a' },
    415,
    `The body is declared as a form with files. ${sendJson}; files go into \`attachments\`, in base64.`,
  ],
])('a request with %s', async (_what, headers, status, detail) => {
  const response = await api.app.inject({ method: 'POST', url: '/v1/mails', payload: JSON.stringify(good), headers });
  expect(response.json()).toMatchObject({ status, detail });
});

it.each([
  ['/v1/mail', ' Did you mean /v1/mails?'],
  ['/mails', ' Did you mean /v1/mails?'],
  ['/v1/nothing', ''],
])('a request for %s', async (url, advice) => {
  expect((await api.post(url, good)).json()).toMatchObject({
    status: 404,
    detail: `No route for this path.${advice} /docs lists all of them.`,
  });
});

it.each([
  ['en-GB', { locale: 'en', localeRequested: 'en-GB' }],
  ['fr_CA', { locale: 'ko', localeRequested: 'fr-CA' }],
  ['EN', { locale: 'en' }],
  [null, { locale: 'ko' }],
])('a mail with the locale %j is answered with what it falls back to, also when it is repeated', async (locale, expected) => {
  const one = await api.post('/v1/mails', { ...good, locale }, { 'idempotency-key': `locale-${locale}` });
  const { id, state: _state, ...rest } = one.json();
  expect(rest).toEqual(expected);
  expect((await api.post('/v1/mails', { ...good, locale }, { 'idempotency-key': `locale-${locale}` })).body).toBe(one.body);
  const batch = await api.post('/v1/mails/batch', { mails: [{ ...good, locale }, literal] });
  expect(batch.json().results).toMatchObject([expected, { state: 'queued' }]);
  expect((await api.get(`/v1/mails/${id}`)).json().locale).toBe(expected.locale);
});

describe('docs/errors.md', () => {
  const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rowsAfter = (heading: string, columns: number) => {
    const [table = ''] = document
      .slice(document.indexOf(heading))
      .split('\n\n')
      .filter((part) => part.startsWith('|'));
    return table
      .split('\n')
      .slice(2)
      .map((row) => row.slice(2, -2).split(' | '))
      .filter((row) => row.length === columns);
  };

  it('has exactly the codes of issues, with their meaning', () => {
    const rows = rowsAfter('## Issues', 2);
    expect(rows).toEqual(Object.entries(issueCodes).map(([code, meaning]) => [`\`${code}\``, meaning]));
  });

  it('has only messages that the API answers with', () => {
    const answered = [...mistakes, ...rareMistakes].flatMap(([, , , issues]) => issues.map(([, code, message]) => `${code} ${message}`));
    const rows = rowsAfter('## Frequent issues', 4);
    expect(rows.length).toBeGreaterThan(15);
    for (const [, code = '', message = ''] of rows) {
      const [start = '', end = ''] = message.split('…');
      expect([
        message,
        answered.some((text) => text.startsWith(`${code.slice(1, -1)} ${start.trimEnd()}`) && text.endsWith(end.trim())),
      ]).toEqual([message, true]);
    }
  });
});
