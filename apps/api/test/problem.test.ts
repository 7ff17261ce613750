/** The table of errors: documented in full. */
import { readFileSync } from 'node:fs';
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
    expect((await api.get('/v1/mails/0190a0b0-0000-7000-8000-000000000001')).json()).toEqual({
      type: 'https://posthouse.example/errors/not-found',
      code: 'not-found',
      title: 'Not found',
      status: 404,
      detail: 'No mail has this id. Its record may have expired.',
    });
  });
});
