/** The table of errors: documented in full. */
import { readFileSync } from 'node:fs';
import { limits } from '@posthouse/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problems, problemType } from '../src/problem.ts';
import { ApiFixture } from './api-fixture.ts';

it('docs/errors.md has exactly the codes of the table, with status and title', () => {
  const document = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `([a-z-]+)` \| (\d+) \| ([^|]+) \| [^|]+ \|$/gm)];
  const documented = rows.map(([, code, status, title]) => ({ code, status: Number(status), title }));
  expect(documented).toEqual(Object.entries(problems).map(([code, { status, title }]) => ({ code, status, title })));
  const example = /```json\n([\s\S]+?)\n```/.exec(document)?.[1] ?? '';
  expect(JSON.parse(example)).toMatchObject({ type: problemType('invalid-mail'), ...problems['invalid-mail'], code: 'invalid-mail' });
});

describe('an answer', () => {
  const api = new ApiFixture();
  beforeAll(() => api.start());
  afterAll(() => api.stop());

  it('names type, code, title and status of its error', async () => {
    const { json, headers } = await api.get('/v1/mails/0190a0b0-0000-7000-8000-000000000001');
    expect(json()).toEqual({
      type: 'https://posthouse.example/errors/not-found',
      code: 'not-found',
      title: 'Not found',
      status: 404,
      detail: 'No mail has this id. Its record may have expired.',
      requestId: headers['x-request-id'],
    });
  });

  it('of a method that the path does not take names those that it takes', async () => {
    for (const [method, url, allow] of [
      ['PUT', '/v1/mails', 'GET, HEAD, POST'],
      ['DELETE', '/v1/mails/0190a0b0-0000-7000-8000-000000000001', 'GET, HEAD, PATCH'],
      ['GET', '/v1/mails/0190a0b0-0000-7000-8000-000000000001/cancel?a=b', 'POST'],
      ['POST', '/livez', 'GET, HEAD'],
    ] as const) {
      const response = await api.app.inject({ method, url });
      expect(response.headers.allow).toBe(allow);
      expect(response.json()).toMatchObject({ status: 405, code: 'method-not-allowed', detail: expect.stringContaining(allow) });
    }
  });

  it('has the id that the request came with, and another one where that is not safe to repeat', async () => {
    const idFor = async (url: string, sent: string) => {
      const { headers, json } = await api.app.inject({ url, headers: { 'x-request-id': sent } });
      if (url !== '/livez') expect(json().requestId).toBe(headers['x-request-id']);
      return headers['x-request-id'];
    };
    const longest = 'a'.repeat(limits.requestIdLength);
    for (const url of ['/livez', '/v1/nothing', '/v1/mails', '/%zz']) {
      for (const id of ['signup-42', 'Root=1-67891233:abc/+~._', longest]) expect(await idFor(url, id)).toBe(id);
      for (const id of ['', 'a b', '{"level":50}', 'anne@example.net', `${longest}a`]) {
        expect(await idFor(url, id)).toMatch(/^[0-9a-f-]{36}$/);
      }
    }
  });
});
