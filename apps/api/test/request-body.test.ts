/** What a body may be, whatever mail is in it, and what an invalid one costs. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findJsonIssue } from '../src/json-scan.ts';
import { ApiFixture, good, key } from './api-fixture.ts';

const api = new ApiFixture();
// Other requests have their turn after each mail of a batch, however fast this machine is.
api.timings.http = { ...api.timings.http, turn: 0 };
beforeAll(() => api.start());
afterAll(() => api.stop());

it('of the thousand issues of a batch lists a hundred and counts the others, and frees the event loop meanwhile', async () => {
  const mails = Array.from({ length: 1000 }, () => ({ ...good, tagz: [] }));
  let turns = 0;
  let isAnswered = false;
  const count = () => {
    turns += 1;
    if (!isAnswered) setImmediate(count);
  };
  setImmediate(count);
  const response = await api.post('/v1/mails/batch', { mails });
  isAnswered = true;
  expect(response.json()).toMatchObject({
    status: 400,
    code: 'malformed-request',
    detail: expect.stringContaining('There are 900 more.'),
  });
  const expected = Array.from({ length: 100 }, (_, n) => ({
    pointer: `/mails/${n}/tagz`,
    code: 'unknown-field',
    message: 'is not a known field; did you mean `tags`?',
  }));
  expect(response.json().issues).toEqual(expected);
  expect(turns).toBeGreaterThan(mails.length / 2);
});

const json = JSON.stringify(good);
const latin1 = Buffer.from(JSON.stringify({ ...good, data: { ...good.data, nickname: 'Zo\u00eb' } }), 'latin1');

it.each<[string, string | Buffer, { pointer: string; message: string }]>([
  ['that is not UTF-8', latin1, { pointer: '', message: 'is not UTF-8' }],
  ['with a field twice', `{"to":"eve@example.net",${json.slice(1)}`, { pointer: '/to', message: 'is given twice' }],
  ['with a field twice, once escaped', `{"t\\u006f":"eve@example.net",${json.slice(1)}`, { pointer: '/to', message: 'is given twice' }],
  ['with __proto__', `{"__proto__":{"a":1},${json.slice(1)}`, { pointer: '/__proto__', message: 'is not an allowed name' }],
  [
    'that ends early',
    json.slice(0, -1),
    { pointer: '', message: `is not JSON: see character ${json.length - 1}, where it ends too early` },
  ],
  ['that is empty', '', { pointer: '', message: expect.stringMatching(/^is missing: send JSON/) }],
])('a body %s is rejected', async (_what, payload, issue) => {
  const response = await send(payload);
  expect(response.json()).toMatchObject({ status: 400, code: 'malformed-request', issues: [issue] });
});

it.each([
  [{ 'content-type': 'application/json; charset=iso-8859-1' }],
  [{ 'content-type': 'application/json; charset="UTF-16"' }],
  [{ 'content-encoding': 'gzip' }],
  [{ 'content-encoding': 'identity, br' }],
])('a body with the header %j is rejected', async (headers) => {
  expect((await send(json, headers)).json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
});

it.each([
  ['application/json; charset=UTF-8', json],
  ['application/json', `\ufeff${json}`],
])('a body in UTF-8 is accepted, also as %s', async (type, payload) => {
  expect((await send(payload, { 'content-type': type, 'content-encoding': 'identity' })).statusCode).toBe(202);
});

it.each(['cancel', 'retry'])('%s takes an empty body with the type of JSON for none', async (action) => {
  const { id } = (await send(json)).json();
  expect((await send('', {}, `/v1/mails/${id}/${action}`)).statusCode).toBe(200);
});

it('finds the field that is given twice, at any depth, and nothing in other JSON', () => {
  const value = fc.jsonValue({ maxDepth: 5 }).filter((any) => !JSON.stringify(any).includes('__proto__'));
  const path = fc.array(
    fc.oneof(
      fc.nat(3),
      fc.string({ maxLength: 8 }).filter((name) => name !== '__proto__'),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(value, value, path, fc.string({ maxLength: 8 }), (first, second, steps, name) => {
      fc.pre(name !== '__proto__');
      expect(findJsonIssue(JSON.stringify([first, second], null, 1))).toBeUndefined();
      const twice = `{${JSON.stringify(name)}:${JSON.stringify(first)}, ${JSON.stringify(name)} :${JSON.stringify(second)}}`;
      const text = steps.reduceRight<string>(
        (inner, step) => (typeof step === 'number' ? `[${'0,'.repeat(step)}${inner}]` : `{${JSON.stringify(step)}:${inner}}`),
        twice,
      );
      const pointer = [...steps, name].map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
      expect(findJsonIssue(text)).toEqual({ pointer, code: 'duplicate', message: 'is given twice' });
    }),
  );
});

it('bounds what a body costs in memory', () => {
  expect(findJsonIssue('['.repeat(41))?.message).toBe('is nested deeper than 40 levels');
  for (const value of ['{}', '[]', '"a"', '1', '{"a":1}']) {
    expect(findJsonIssue(`[${`${value},`.repeat(1_000_000)}1]`)).toEqual({
      pointer: '',
      code: 'too-large',
      message: 'has more than 1000000 values',
    });
  }
  expect(findJsonIssue(`{"a":{"${'k'.repeat(1001)}":1}}`)).toMatchObject({
    pointer: '/a',
    message: 'has a name of more than 1000 characters',
  });
  const fields = Array.from({ length: 10_001 }, (_, n) => `"k${n}":1`);
  expect(findJsonIssue(`{"a":{${fields}}}`)).toMatchObject({ pointer: '/a/k10000', message: 'is one of more than 10000 fields' });
});

function send(payload: string | Buffer, headers: Record<string, string> = {}, url = '/v1/mails') {
  return api.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
  });
}
