/** The function that README.md gives to back-ends, as it is printed there, run in a process of its own against the API. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
const member = { id: 42, nickname: 'Anne', email: 'anne@example.net', locale: 'en' };

interface Ended {
  code: unknown;
  /** What the program has written: lines of the function, the end of the sign-up, and what the function returned. */
  lines: string[];
}

/** Signs a member up as the README says. @param onLine called with each line that the program writes */
function signUp(change: object, onLine: (line: string) => void = () => undefined): Promise<Ended> {
  const source = /```js\n([\s\S]*?)```/.exec(readme)?.[1]?.replace('http://127.0.0.1:3000', `http://127.0.0.1:${port}`) ?? '';
  const call = `${source}
    const sent = sendWelcome(${JSON.stringify({ ...member, ...change })});
    console.error('signed up');
    console.error('accepted', await sent);`;
  const ours = (line: string) => /^(welcome mail|signed up|accepted)/.test(line);
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], POSTHOUSE_KEY: key } };
    const child = execFile(process.execPath, ['--input-type=module', '-e', call], options, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, lines: stderr.split('\n').filter(ours) }),
    );
    child.stderr?.on('data', (text) => String(text).split('\n').filter(ours).forEach(onLine));
  });
}

it('a member is signed up while no API is there, and the mail is accepted when it is', async () => {
  let failures = 0;
  const { code, lines } = await signUp({}, (line) => {
    failures += line.startsWith('welcome mail: no answer') ? 1 : 0;
    if (failures === 2 && !api.app.server.listening) void api.app.listen({ host: '127.0.0.1', port });
  });
  expect(code).toBe(0);
  expect([lines[0], lines.at(-1)]).toEqual(['signed up', 'accepted true']);
  expect(await api.jobs()).toBe(1);
});

it('the mail is accepted once although Redis does not answer at first', async () => {
  await api.redis.kill('SIGSTOP');
  const { code, lines } = await api.withDeadline(() =>
    signUp({ id: 43 }, (line) => void (line.startsWith('welcome mail') && api.redis.kill('SIGCONT'))),
  );
  expect({ code, first: lines[1], last: lines.at(-1) }).toEqual({ code: 0, first: expect.stringContaining('503'), last: 'accepted true' });
  await api.ready();
  expect(await api.jobs()).toBe(2);
});

it('an invalid request is not repeated', async () => {
  const lines = ['signed up', expect.stringContaining('welcome mail not accepted 400'), 'accepted false'];
  expect(await signUp({ email: 'anne' })).toEqual({ code: 0, lines });
});
