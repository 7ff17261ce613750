/** The function that README.md gives to back-ends, as it is printed there, run in a process of its own against the API. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from '@posthouse/devkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const api = new ApiFixture();
let port: number;
beforeAll(async () => {
  await api.start();
  port = await freePort();
});
afterAll(() => api.stop());

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const apiFolder = fileURLToPath(new URL('..', import.meta.url));
const member = { id: 42, nickname: 'Anne', email: 'anne@example.net', locale: 'en' };

interface Ended {
  code: unknown;
  /** What the program has written: lines of the function, the end of the sign-up, and what the function returned. */
  lines: string[];
}

/** Signs a member up as the README says, in a process that finds the client as a back-end does. */
function signUp(change: object): Promise<Ended> {
  const source = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const call = `${source}
    const sent = sendWelcome(${JSON.stringify({ ...member, ...change })});
    console.error('signed up');
    console.error('accepted', await sent);`;
  const ours = (line: string) => /^(welcome mail|signed up|accepted)/.test(line);
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], POSTHOUSE_URL: `http://127.0.0.1:${port}`, POSTHOUSE_KEY: key };
    execFile(process.execPath, ['--input-type=module', '-e', call], { env, cwd: apiFolder }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, lines: stderr.split('\n').filter(ours) }),
    );
  });
}

it('a member is signed up while no API is there, and the mail is accepted when it is', async () => {
  let lost = 0;
  const broken = createServer((socket) => {
    socket.destroy();
    lost += 1;
    if (lost === 2) broken.close(() => void api.app.listen({ host: '127.0.0.1', port }));
  }).listen(port, '127.0.0.1');
  expect(await signUp({})).toEqual({ code: 0, lines: ['signed up', 'accepted true'] });
  expect(lost).toBe(2);
  expect(await api.jobs()).toBe(1);
});

it('the mail is accepted once although Redis does not answer at first', async () => {
  const statuses: number[] = [];
  api.app.server.on('request', (_request, response) =>
    response.once('finish', () => {
      statuses.push(response.statusCode);
      void api.redis.kill('SIGCONT');
    }),
  );
  await api.redis.kill('SIGSTOP');
  const ended = await api.withDeadline(() => signUp({ id: 43 }));
  expect(ended).toEqual({ code: 0, lines: ['signed up', 'accepted true'] });
  expect([statuses[0], statuses.at(-1)]).toEqual([503, 202]);
  await api.ready();
  expect(await api.jobs()).toBe(2);
});

it('an invalid request is not repeated', async () => {
  const lines = [
    'signed up',
    expect.stringContaining('welcome mail not accepted PosthouseError: Malformed request (400)'),
    'accepted false',
  ];
  expect(await signUp({ email: 'anne' })).toEqual({ code: 0, lines });
});
