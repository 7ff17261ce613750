/** The table of errors: documented in full, and reached for mails that cannot be decrypted. */
import { readFileSync } from 'node:fs';
import { hashApiKey } from '@posthouse/access';
import { durations } from '@posthouse/contract';
import { MailList, MailQueue, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { createLogger } from '@posthouse/runtime';
import { loadCatalogue } from '@posthouse/templates/catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApi } from '../src/api-server.ts';
import { problems, problemType } from '../src/problem.ts';
import { ApiFixture, good, key, templatesDir } from './api-fixture.ts';

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

  /** Asks an API with another secret for a mail that the fixture accepted. */
  async function readWith(secret: string, id: string, path = '') {
    const connection = new RequestConnection(api.redis.url, new Sealer(sealKeys(secret)), durations, () => undefined);
    await connection.start();
    await connection.whenReady();
    const app = await buildApi({
      queue: new MailQueue(connection),
      list: new MailList(connection),
      rules: { catalogue: await loadCatalogue(templatesDir), from: { address: 'hello@example.com' }, fromDomains: ['example.com'] },
      keys: new Map([[hashApiKey(key), 'test']]),
      timings: durations.timings,
      log: createLogger('api', 'silent'),
    });
    const response = await app.inject({ url: `/v1/mails/${id}${path}`, headers: { authorization: `Bearer ${key}` } });
    await app.close();
    await connection.stop();
    return response;
  }

  it('names type, code, title and status of its error', async () => {
    expect((await api.get('/v1/mails/0190a0b0-0000-7000-8000-000000000001')).json()).toEqual({
      type: 'https://posthouse.example/errors/not-found',
      code: 'not-found',
      title: 'Not found',
      status: 404,
      detail: 'No mail has this id. Its record may have expired.',
    });
  });

  it('about a mail that is sealed with a key that the process does not have names the key and what to do', async () => {
    const { id } = (await api.post('/v1/mails', good)).json();
    for (const path of ['', '?content=true']) {
      const response = await readWith(`new:${'e'.repeat(64)}`, id, path);
      expect(response.json()).toMatchObject({ status: 500, code: 'key-missing', type: problemType('key-missing') });
      expect(response.json().detail).toMatch(/sealed with the key "0".*POSTHOUSE_SECRET.*Add it/);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect((await readWith(`new:${'e'.repeat(64)},0:${'d'.repeat(64)}`, id)).statusCode).toBe(200);
  });

  it('about a mail that was sealed with another secret under the same name says that the secret may be wrong', async () => {
    const { id } = (await api.post('/v1/mails', good)).json();
    const problem = (await readWith('e'.repeat(64), id)).json();
    expect(problem).toMatchObject({ status: 500, code: 'record-unreadable' });
    expect(problem.detail).toMatch(/POSTHOUSE_SECRET is not the secret/);
    expect(JSON.stringify(problem)).not.toMatch(/anne/i);
  });
});
