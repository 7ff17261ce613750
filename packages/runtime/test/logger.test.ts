import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { logStyle } from '../src/logger.ts';

const run = promisify(execFile);
const entry = fileURLToPath(new URL('logger-process.mjs', import.meta.url));

it('writes every line in order as JSON, also those just before an exit', async () => {
  const { stdout } = await run(process.execPath, [entry]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    service: 'test',
    n: 0,
    err: { type: 'MailError', message: 'reduced' },
    msg: 'line written',
  });
});

it('writes lines for a person, also just before an exit, with the times of this zone and coloured only on request', async () => {
  const env = { ...process.env, TZ: 'Asia/Kathmandu' }; // a quarter of an hour away from UTC
  const { stdout } = await run(process.execPath, [entry, 'pretty'], { env });
  const lines = stdout.split('\n').filter((line) => line.startsWith('['));
  expect(lines).toHaveLength(20);
  const [, time] = /^\[(\d\d:\d\d):\d\d\] INFO: test: line written \{"n":19,"error":"reduced"\}$/.exec(lines.at(-1) ?? '') ?? [];
  const zoned = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kathmandu', timeStyle: 'short' });
  expect([0, 60_000].map((ago) => zoned.format(Date.now() - ago))).toContain(time);
  expect(stdout).not.toContain('\u001b');
  expect((await run(process.execPath, [entry, 'coloured'])).stdout).toContain('\u001b[');
});

it('writes the lines of turns that follow each other in order, and the last ones while the process goes on', async () => {
  const child = spawn(process.execPath, [entry, 'json', 'turns'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const numbers: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (numbers.push(JSON.parse(line).n) === 100) child.kill('SIGKILL');
  }
  expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

it('writes a warning at once, with the lines before it', async () => {
  const { stdout } = await run(process.execPath, [entry, 'json', 'killed']).catch((error: { stdout: string }) => error);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
});

it('a terminal gets lines for a person, in colours where it has them; LOG_FORMAT overrides it', () => {
  const [terminal, plain, pipe] = [
    { isTTY: true, hasColors: () => true },
    { isTTY: true, hasColors: () => false },
    { hasColors: () => true },
  ] as const;
  expect([terminal, plain, pipe].map((stdout) => logStyle(undefined, stdout))).toEqual(['coloured', 'pretty', 'json']);
  expect([terminal, plain, pipe].map((stdout) => logStyle('json', stdout))).toEqual(['json', 'json', 'json']);
  expect([terminal, plain, pipe].map((stdout) => logStyle('pretty', stdout))).toEqual(['coloured', 'pretty', 'pretty']);
});
