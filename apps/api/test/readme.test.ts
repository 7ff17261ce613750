/** The function that README.md gives to back-ends, as it is printed there, run in a process of its own against the API. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freePort } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const api = new ApiFixture();
let url: string;
beforeAll(async () => {
  await api.start();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api.stop());

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const member = { id: 42, nickname: 'Anne', email: 'anne@example.net', locale: 'en' };

interface Ended {
  code: unknown;
  /** What the function has logged. */
  lines: string[];
}

/** @param onLine called with each line that the function logs */
function sendWelcome(change: object, apiUrl: string, onLine: (line: string) => void = () => undefined): Promise<Ended> {
  const source = /```js\n([\s\S]*?)```/.exec(readme)?.[1]?.replace('http://127.0.0.1:3000', apiUrl) ?? '';
  const call = `${source}\nawait sendWelcome(${JSON.stringify({ ...member, ...change })});`;
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], POSTHOUSE_KEY: key } };
    const child = execFile(process.execPath, ['--input-type=module', '-e', call], options, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, lines: stderr.split('\n').filter((line) => line.startsWith('welcome mail')) }),
    );
    child.stderr?.on('data', (text) => onLine(String(text)));
  });
}

it('sendWelcome: the mail is accepted once although Redis does not answer at first', async () => {
  await api.redis.kill('SIGSTOP');
  const { code, lines } = await api.withDeadline(() => sendWelcome({}, url, () => void api.redis.kill('SIGCONT')));
  expect({ code, lines }).toEqual({ code: 0, lines: [expect.stringContaining('503')] });
  await api.ready();
  expect(await api.jobs()).toBe(1);
});

it('sendWelcome: an invalid request is not repeated', async () => {
  expect(await sendWelcome({ email: 'anne' }, url)).toEqual({ code: 0, lines: [expect.stringContaining('400')] });
});

it('sendWelcome: without an API it gives up after three tries and does not throw', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  expect(await sendWelcome({}, nowhere)).toEqual({ code: 0, lines: Array(3).fill(expect.stringContaining('no answer')) });
});
