/** The API as a process: what it loads, and what it does with an invalid configuration. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashApiKey } from '@posthouse/access';
import { AppProcess, RedisProcess } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { good, key, templatesDir } from './api-fixture.ts';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const redis = new RedisProcess();
let dir: string;
/** One template: the API lets another process compile it at each start. */
let set: string;

beforeAll(async () => {
  await redis.start();
  dir = await mkdtemp(join(tmpdir(), 'posthouse-api-'));
  set = join(dir, 'templates');
  for (const name of ['_layout', 'signup']) await cp(join(templatesDir, name), join(set, name), { recursive: true });
});
afterAll(async () => {
  await redis.stop();
  await rm(dir, { recursive: true });
});

function api(env: NodeJS.ProcessEnv): AppProcess {
  return new AppProcess({
    name: 'api',
    entry,
    // In production, so that an .env of the developer is not read.
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    readyWhen: (line) => line.includes('"msg":"ready"'),
  });
}

const env = () => ({
  REDIS_URL: redis.url,
  API_PORT: '0',
  API_KEYS: `test:${hashApiKey(key)}`,
  MAIL_FROM: 'Posthouse <hello@example.com>',
  POSTHOUSE_SECRET: 'a'.repeat(64),
  TEMPLATES_DIR: set,
});

it('accepts a mail without ever loading MJML, Handlebars or nodemailer, and stops on SIGTERM', async () => {
  // V8 lists every script that the process has run.
  const process = api({ ...env(), NODE_V8_COVERAGE: join(dir, 'coverage'), LOG_LEVEL: 'debug' });
  await process.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(process.output.join('\n'))?.[0];
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'signup-42' };
  // It answers before it has reached Redis.
  const post = () => fetch(`${url}/v1/mails`, { method: 'POST', headers, body: JSON.stringify(good) });
  await expect.poll(async () => (await post()).status).toBe(202);
  process.kill('SIGTERM');
  expect(await process.exit).toEqual({ code: 0, signal: null });
  expect(process.output.join('\n')).not.toMatch(/anne/i);
  const lines = process.output.filter((line) => line.includes('request finished'));
  expect(lines.at(-1)).toContain('"requestId":"signup-42"');

  const coverage = join(dir, 'coverage');
  const lists = await Promise.all((await readdir(coverage)).map((file) => readFile(join(coverage, file), 'utf8')));
  // Node also lists what the process that compiles the templates has run.
  const loaded = lists.filter((list) => list.includes('/apps/api/dist/main.js')).join('\n');
  expect(loaded).toContain('/bullmq/');
  // A text of this size is not to be printed.
  expect(/\/node_modules\/(mjml|handlebars|nodemailer|html-to-text)/.exec(loaded)?.[0]).toBeUndefined();
});

it('takes a changed template set into use on SIGHUP, and refuses one with an issue', async () => {
  const set = join(dir, 'changing');
  for (const name of ['_layout', 'signup']) await cp(join(templatesDir, name), join(set, name), { recursive: true });
  const process = api({ ...env(), TEMPLATES_DIR: set });
  await process.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(process.output.join('\n'))?.[0];
  const read = async (path: string) => await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })).json();
  const names = async () => (await read('/v1/templates')).templates.map(({ name }: { name: string }) => name);
  await expect.poll(async () => (await read('/readyz')).redis).toBe('ok');
  expect(await names()).toEqual(['signup']);

  await cp(join(set, 'signup'), join(set, 'welcome'), { recursive: true });
  process.kill('SIGHUP');
  await expect.poll(names).toEqual(['signup', 'welcome']);

  // Of the two, a worker reports both.
  await writeFile(join(set, 'welcome/template.json'), '{ "defaultLocale": "en", "from": "eve@example.org"');
  await writeFile(join(set, 'welcome/template.mjml'), '<mjml><mj-body>\n{{#if email}}</mj-body></mjml>');
  process.kill('SIGHUP');
  await expect
    .poll(async () => (await read('/readyz')).detail)
    .toMatch(/has 2 issues, the first in welcome\/template\.json:1\. The set [0-9a-f]{16} stays in use\.$/);
  expect(await read('/readyz')).toMatchObject({ status: 'ok', templateSet: 'refused' });
  expect(await names()).toEqual(['signup', 'welcome']);
  expect(process.output.join('\n')).not.toContain('eve@');

  // What only a compiler of MJML and Handlebars finds.
  await cp(join(set, 'signup/template.json'), join(set, 'welcome/template.json'));
  await writeFile(join(set, 'welcome/template.mjml'), '<mjml><mj-body>\n{{email}}</mj-body></mjml>');
  process.kill('SIGHUP');
  await expect.poll(async () => (await read('/readyz')).detail).toMatch(/in welcome\/template\.mjml:2\. The set [0-9a-f]{16} stays/);
  process.kill('SIGTERM');
  expect(await process.exit).toEqual({ code: 0, signal: null });
});

it('does not start with a template that a worker would refuse, and lists every issue', async () => {
  const refused = join(dir, 'refused');
  await cp(set, refused, { recursive: true });
  await writeFile(join(refused, 'signup/template.mjml'), '<mjml><mj-body>\n{{#if email}}<mj-section />{{/if}}\n{{nmae}}</mj-body></mjml>');
  const process = api({ ...env(), TEMPLATES_DIR: refused });
  await expect(process.start()).rejects.toThrow(/have 3 issues/);
  expect(await process.exit).toMatchObject({ code: 1 });
  const output = process.output.join('\n');
  for (const issue of ['2 has {{#if email}} where MJML drops it', '3 has {{nmae}} where MJML', '3 uses {{nmae}}, which is not']) {
    expect(output).toContain(`- signup/template.mjml:${issue}`);
  }
  expect(output).not.toMatch(/^\s+at /m);
});

it('reports every configuration error at once and exits 1', async () => {
  const process = api({ REDIS_URL: 'x', API_PORT: 'http', API_KEYS: 'test:short', POSTHOUSE_SECRET: 'planted' });
  await expect(process.start()).rejects.toThrow(/5 configuration errors/);
  expect(await process.exit).toMatchObject({ code: 1 });
  const output = process.output.join('\n');
  for (const name of ['REDIS_URL', 'API_PORT', 'API_KEYS', 'POSTHOUSE_SECRET', 'MAIL_FROM']) expect(output).toContain(`- ${name} `);
  expect(output).not.toContain('planted');
});

it('names API_PORT and shows no stack when its port is in use', async () => {
  const first = api(env());
  await first.start();
  const port = /:(\d+)"/.exec(first.output.join('\n'))?.[1];
  const second = api({ ...env(), API_PORT: port });
  await expect(second.start()).rejects.toThrow(`127.0.0.1:${port}: another process uses this port. Set API_PORT to a free one.`);
  expect(await second.exit).toMatchObject({ code: 1 });
  expect(second.output.join('\n')).not.toMatch(/^\s+at /m);
  await first.stop();
});

it('rejects a sender that MAIL_FROM_DOMAINS does not allow', async () => {
  const process = api({ ...env(), MAIL_FROM_DOMAINS: 'example.org' });
  await expect(process.start()).rejects.toThrow(/MAIL_FROM has a domain that MAIL_FROM_DOMAINS does not allow/);
});

it('starts without any API key, answers 401, and says in the log what to do', async () => {
  const process = api({ ...env(), API_KEYS: '' });
  await process.start();
  const url = /http:\/\/[\d.]+:\d+/.exec(process.output.join('\n'))?.[0];
  const answer = async () => await fetch(`${url}/v1/mails`, { headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await answer()).status).toBe(401);
  expect(await (await answer()).text()).toContain('npm run keys -- create <name>');
  await expect.poll(() => process.output.join('\n')).toContain('there is no API key');
  await process.stop();
});

it('starts while Redis is down', async () => {
  const process = api({ ...env(), REDIS_URL: 'redis://127.0.0.1:1' });
  await process.start();
  await process.stop();
  expect(await process.exit).toMatchObject({ code: 0 });
});
