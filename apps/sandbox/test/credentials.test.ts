import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isApiKey } from '@posthouse/access';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptCredentials } from '../src/credentials.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  file = join(folder, 'own', 'credentials.json');
});

afterEach(() => rm(folder, { recursive: true }));

test('stay the same between starts, also of two at once, until new ones are asked for', async () => {
  const [first, second] = await Promise.all([keptCredentials(file, false), keptCredentials(file, false)]);
  expect(isApiKey(first.key)).toBe(true);
  expect(second).toEqual(first);
  expect(await keptCredentials(file, false)).toEqual(first);
  const fresh = await keptCredentials(file, true);
  expect(fresh.key).not.toBe(first.key);
  expect(fresh.password).not.toBe(first.password);
  expect(await keptCredentials(file, false)).toEqual(fresh);
});

test('only their owner may read them, also in a file that others could read', async () => {
  const mode = async (path: string) => (await stat(path)).mode & 0o777;
  await keptCredentials(file, false);
  expect([await mode(file), await mode(dirname(file))]).toEqual([0o600, 0o700]);
  await chmod(file, 0o644);
  await keptCredentials(file, false);
  expect(await mode(file)).toBe(0o600);
  expect(await readdir(dirname(file))).toEqual(['credentials.json']);
});

test.each([
  ['{', 'cannot be read (it is not JSON)'],
  ['null', 'has no valid key and password'],
  ['{"key":"ph_cut","password":"long enough"}', 'has no valid key and password'],
])('%s is refused with what to do, and --fresh replaces it', async (content, why) => {
  file = join(folder, 'credentials.json');
  await writeFile(file, content);
  await expect(keptCredentials(file, false)).rejects.toThrow(`${file} ${why}. Run npm start -- --fresh`);
  expect(isApiKey((await keptCredentials(file, true)).key)).toBe(true);
});
