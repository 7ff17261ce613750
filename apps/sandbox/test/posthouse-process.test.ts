/** What a person at the terminal hears of a process of ours: here a small one, that logs what it is told to. */
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PosthouseProcess } from '../src/posthouse-process.ts';

const ready = { level: 30, msg: 'ready', port: 3000 };

let folder: string;
let app: PosthouseProcess;
let told: string[];
const terminal = new EventEmitter();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  told = [];
});

afterEach(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that writes these lines, objects as JSON, and runs on, or ends with a code. */
async function start(lines: readonly (object | string)[], code?: number): Promise<void> {
  const output = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const then = code === undefined ? 'setInterval(() => {}, 1e6)' : `process.exitCode = ${code}`;
  await writeFile(join(folder, 'main.js'), `process.stdout.write(${JSON.stringify(output)}); ${then};`);
  app = new PosthouseProcess({
    name: 'API',
    entry: pathToFileURL(join(folder, 'entry.js')).href,
    settings: () => ({}),
    readyWhen: ({ port }) => port !== undefined,
    logLevel: 'info',
    tell: (line) => {
      told.push(line);
      terminal.emit(line);
    },
  });
  await app.start();
}

test('a warning is told with its error, and told again only after another one', async () => {
  const lost = { level: 40, msg: 'Redis is lost', err: { message: 'connect ECONNREFUSED' } };
  const info = { level: 30, msg: 'answered' };
  await start([lost, lost, info, lost, { level: 50, msg: 'a fault' }, lost, ready]);
  expect(told).toEqual(['! API: Redis is lost: connect ECONNREFUSED', '! API: a fault', '! API: Redis is lost: connect ECONNREFUSED']);
});

test('what is no log line is told, too', async () => {
  await start(['(node) a warning', ready]);
  expect(told).toEqual(['(node) a warning']);
});

test('an end that nobody asked for is told', async () => {
  const end = '✗ The API has ended (code 3). Start the sandbox again.';
  const heard = once(terminal, end);
  await start([ready], 3);
  await heard;
  expect(told).toEqual([end]);
});

test('the words of one that does not come up are in its error alone', async () => {
  await expect(start(['✗ listen EADDRINUSE'], 1)).rejects.toThrow('✗ listen EADDRINUSE');
  expect(told).toEqual([]);
});
