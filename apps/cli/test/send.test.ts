import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAssignment, readData } from '../src/mail-data.ts';
import { run } from './command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthouse-send-'));
  await writeFile(join(folder, 'broken.json'), '{ "nickname": ');
  await writeFile(join(folder, 'list.json'), '[]');
});
afterAll(() => rm(folder, { recursive: true }));

const env = { POSTHOUSE_URL: 'http://127.0.0.1:9', POSTHOUSE_KEY: 'k' };
const send = (args: string[], more = {}, stdin = '') => run(['send', 'signup', ...args], { env: { ...env, ...more }, folder, stdin });
const to = ['--to', 'anne@example.com'];

it.each([
  [[], {}, "Required option '--to <address>' not specified", 'missing-mandatory-option-value'],
  [[...to, '--set', 'nickname'], {}, '--set <name=text>: name=text, or name:=json', 'invalid-value'],
  [[...to, '--set', 'minutes:=five'], {}, 'minutes: what is after := is not JSON', 'invalid-value'],
  [[...to, '--idempotency-key', 'a b'], {}, 'It must have 1 to 255 printable ASCII characters', 'invalid-value'],
  [[...to, '--data', 'none.json'], {}, '--data: ENOENT', 'file-not-read'],
  [[...to, '--data', 'broken.json'], {}, '--data: broken.json is not JSON', 'not-json'],
  [[...to, '--data', 'list.json'], {}, 'list.json is not a JSON object', 'not-json'],
  [[...to, '--data', '-'], {}, 'stdin is not JSON', 'not-json'],
  [to, { POSTHOUSE_URL: 'localhost', POSTHOUSE_KEY: '' }, 'POSTHOUSE_URL must be a URL', 'configuration'],
])('%j: one clear error, and nothing is sent', async (args, more, why, code) => {
  const ended = await send(args, more);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(why);
  expect(ended.stderr).toContain(`[${code}]`);
});

it('takes the data from stdin, and assignments over it: a text stays a text', async () => {
  const stdin = Readable.from(['{"email":"anne@example.com","code":1}']);
  const assignments = parseAssignment('list:=[1]', parseAssignment('code=0042'));
  expect(await readData({ folder, stdin }, '-', assignments)).toEqual({ email: 'anne@example.com', code: '0042', list: [1] });
});
