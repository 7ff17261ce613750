/** What is published: the tarball, installed and loaded as an application does. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { posthouse } from '../src/nodemailer.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const name = '@posthouse/client';
const maxGzipped = 7.5 * 1024;
let dir: string;
let tarball: Buffer;

const run = (program: string, args: string[]) =>
  promisify(execFile)(program, args, { cwd: dir, env: { PATH: process.env['PATH'], HOME: dir } });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'posthouse-client-package-'));
  const { stdout } = await run('npm', ['pack', folder, '--silent', '--offline']);
  tarball = await readFile(join(dir, stdout.trim()));
  await mkdir(join(dir, 'app'));
  await writeFile(join(dir, 'app/package.json'), '{ "private": true }');
  await run('npm', ['install', '--prefix', join(dir, 'app'), '--offline', '--no-audit', '--no-fund', join(dir, stdout.trim())]);
});
afterAll(() => rm(dir, { recursive: true }));

it('is installed without anything else, and can be imported and required', async () => {
  const modules = join(dir, 'app/node_modules');
  expect((await readdir(modules)).filter((name) => !name.startsWith('.'))).toEqual(['@posthouse']);
  expect((await readdir(join(modules, '@posthouse/client'))).toSorted()).toEqual(['commonjs', 'dist', 'nodemailer', 'package.json']);
  const use = `const posthouse = new Posthouse({ url: 'http://127.0.0.1:2', key: 'k', timeoutMs: 1 });
    posthouse.mails.send({ to: 'anne@example.com', content: { subject: 'Hi' } }).catch((error) => console.log(error instanceof PosthouseError, error.code));`;
  await writeFile(join(dir, 'app/esm.mjs'), `import { Posthouse, PosthouseError } from '${name}';\n${use}`);
  await writeFile(join(dir, 'app/commonjs.cjs'), `const { Posthouse, PosthouseError } = require('${name}');\n${use}`);
  await writeFile(
    join(dir, 'app/transport.cjs'),
    `console.log(require('${name}/nodemailer').posthouse({ url: 'http://127.0.0.1:2', key: 'k' }).isIdle(), 'timeout')`,
  );
  for (const file of ['esm.mjs', 'commonjs.cjs', 'transport.cjs']) {
    expect((await run(process.execPath, [join(dir, 'app', file)])).stdout).toMatch(/^true (no-answer|timeout)\n$/);
  }
});

it('gives nodemailer the version of the package', async () => {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  expect(posthouse({ url: 'http://127.0.0.1:2', key: 'k' }).version).toBe(version);
});

it('has files and types that publint and Are The Types Wrong find nothing wrong with', async () => {
  const { messages } = await publint({ pkgDir: join(dir, 'app/node_modules/@posthouse/client'), pack: false, strict: true });
  expect(messages).toEqual([]);
  const { problems } = (await checkPackage(createPackageFromTarballData(tarball))) as { problems: unknown[] };
  expect(problems).toEqual([]);
});

it(`is smaller than ${maxGzipped} bytes, gzipped and with its comments`, async () => {
  // nodemailer's transport is an entry of its own.
  const code = (await files('dist')).filter((text) => !text.includes('client/nodemailer`')).join('');
  expect(gzipSync(code).length).toBeLessThan(maxGzipped);
});

it('imports nothing that is not its own: no library, and nothing of Node', async () => {
  const imports = [...(await files('dist')), ...(await files('commonjs/dist'))].flatMap((code) =>
    [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier),
  );
  expect(imports.length).toBeGreaterThan(5);
  expect(imports.filter((specifier) => !specifier?.startsWith('./'))).toEqual([]);
});

/** The JavaScript that is installed. */
async function files(name: string): Promise<string[]> {
  const path = join(dir, 'app/node_modules/@posthouse/client', name);
  const names = (await readdir(path)).filter((file) => file.endsWith('.js'));
  return await Promise.all(names.map((file) => readFile(join(path, file), 'utf8')));
}
