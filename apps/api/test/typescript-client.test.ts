/** A TypeScript client, generated from docs/openapi.json as a user generates it, compiles and sends a mail. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const api = new ApiFixture();
let dir: string;
let url: string;
beforeAll(async () => {
  await api.start();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  dir = await mkdtemp(join(tmpdir(), 'posthouse-client-'));
  await symlink(join(root, 'apps/api/node_modules'), join(dir, 'node_modules'));
});
afterAll(async () => {
  await api.stop();
  await rm(dir, { recursive: true });
});

/** Each use of a type that does not exist is an error that must be expected, so this also fails when the types say nothing. */
const program = `
import createClient from 'openapi-fetch';
import type { components, paths } from './posthouse.ts';

const client = createClient<paths>({ baseUrl: process.env['POSTHOUSE_URL'], headers: { authorization: 'Bearer ' + process.env['POSTHOUSE_KEY'] } });
const mail: components['schemas']['Mail'] = {
  to: [{ name: 'Anne', address: 'anne@example.net' }, 'Bo <bo@example.net>'],
  template: 'signup',
  locale: 'en',
  data: { nickname: 'Anne', email: 'anne@example.net' },
};
const sent = await client.POST('/v1/mails', { body: mail, params: { header: { 'idempotency-key': 'signup:42' } } });
const id: string = sent.data?.id ?? '';
const found = await client.GET('/v1/mails/{id}', { params: { path: { id }, query: { content: true } } });
const listed = await client.GET('/v1/mails', { params: { query: { state: ['queued', 'sent'], limit: 1 } } });
// @ts-expect-error \`too\` is no field of a mail
const refused = await client.POST('/v1/mails', { body: { too: 'anne@example.net' } });
// @ts-expect-error a page has a number of mails
void (() => client.GET('/v1/mails', { params: { query: { limit: '1' } } }));
// @ts-expect-error no mail is in such a state
void (() => client.GET('/v1/mails', { params: { query: { state: ['lost'] } } }));
const codes: (components['schemas']['Issue']['code'])[] | undefined = refused.error?.issues?.map(({ code }) => code);
console.log(JSON.stringify({ id, found: found.data?.recipients.length, listed: listed.data?.mails.length, codes }));
`;

it('is generated, type-checked and used', async () => {
  const node = (args: string[], env = {}) =>
    promisify(execFile)(process.execPath, args, { cwd: dir, env: { PATH: process.env['PATH'], ...env } }).catch((error) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
  await node(['node_modules/openapi-typescript/bin/cli.js', join(root, 'docs/openapi.json'), '-o', 'posthouse.ts']);
  await writeFile(join(dir, 'client.mts'), program);
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', '--rewriteRelativeImportExtensions'];
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  await node([join(root, 'node_modules/typescript/bin/tsc'), ...options, ...types, 'client.mts']);
  const { stdout } = await node(['client.mjs'], { POSTHOUSE_URL: url, POSTHOUSE_KEY: key });
  const { id, ...seen } = JSON.parse(stdout);
  expect(seen).toEqual({ found: 2, listed: 1, codes: ['missing', 'unknown-field'] });
  expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({ state: 'queued', locale: 'en' });
});
