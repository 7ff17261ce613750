/** What the terminal shows of the output of an app. The app is a small script that writes given lines. */
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PosthouseProcess } from '../src/processes/posthouse-process.ts';
import { TemplateNews } from '../src/processes/template-news.ts';

const ready = { level: 30, msg: 'ready', port: 3000 };

let folder: string;
let app: PosthouseProcess;
let logged: string[];
const terminal = new EventEmitter();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  logged = [];
});

afterEach(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that writes these lines, objects as JSON, and then runs on or exits with a code. */
async function start(lines: readonly (object | string)[], code?: number, logLevel = 'info', name: 'API' | 'worker' = 'API'): Promise<void> {
  const output = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const then = code === undefined ? 'setInterval(() => {}, 1e6)' : `process.exitCode = ${code}`;
  await writeFile(join(folder, 'main.js'), `process.stdout.write(${JSON.stringify(output)}); ${then};`);
  app = new PosthouseProcess({
    name,
    entry: pathToFileURL(join(folder, 'entry.js')).href,
    env: () => ({}),
    readyWhen: ({ port }) => port !== undefined,
    logLevel,
    stopTimeoutMs: 5000,
    templateNews: new TemplateNews(),
    log: (line) => {
      logged.push(line);
      terminal.emit(line);
    },
  });
  await app.start();
}

test('shows a warning with its error, and a repeated one only after a different one', async () => {
  const lost = { level: 40, msg: 'Redis connection lost', err: { message: 'connect ECONNREFUSED' } };
  const info = { level: 30, msg: 'request answered' };
  const refused = { level: 40, service: 'worker', msg: 'provider check failed', provider: 'sandbox', reason: '535', shares: { a: 1 } };
  await start([lost, { ...lost, n: 2 }, info, lost, refused, { level: 50, msg: 'request failed' }, lost, ready]);
  expect(logged).toEqual([
    '! API: Redis connection lost: connect ECONNREFUSED',
    '! API: provider check failed provider=sandbox reason=535 shares={"a":1}',
    '! API: request failed',
    '! API: Redis connection lost: connect ECONNREFUSED',
  ]);
});

const inUse = { level: 30, msg: 'template set unchanged', hash: 'a' };
const loaded = { level: 30, msg: 'template set loaded', hash: 'd' };
const broken = (refused: string, line: number, count = 1) => ({
  level: 50,
  msg: 'template set refused; the one in use stays',
  hash: 'a',
  refused,
  count,
  issues: [{ rule: 'unknown-data', file: 'signup/template.mjml', line }],
});
const refusedLine = (line: number, more = '') =>
  `✗ templates/signup/template.mjml:${line}: unknown-data${more}. The templates before stay in use; npm run templates -- check says what to do.`;

test('shows each template set that is refused, and when one is in use again', async () => {
  const touched = { ...inUse, refused: 'c' };
  await start([inUse, broken('b', 3), broken('c', 5, 3), touched, inUse, inUse, broken('b', 3), loaded, ready]);
  const again = '✓ The saved templates are in use.';
  expect(logged).toEqual([refusedLine(3), refusedLine(5, ', and 2 more'), again, refusedLine(3), again]);
});

test('shows a template set once for all processes, of which one is slower and misses some', () => {
  const news = new TemplateNews();
  const shown = (name: string, lines: (typeof inUse | ReturnType<typeof broken>)[]) =>
    lines.map((line) => news.lineFor(name, line)).filter((line) => line !== undefined);
  expect(shown('worker', [broken('b', 3), broken('c', 5), loaded])).toHaveLength(3);
  expect(shown('API', [broken('b', 3), broken('c', 5), loaded])).toEqual([]);
  expect(shown('dashboard', [broken('c', 5), loaded])).toEqual([]);
  expect(shown('dashboard', [broken('b', 3)])).toEqual([refusedLine(3)]);
  expect(shown('worker', [broken('b', 3)])).toEqual([]);
  expect(news.lineFor('worker', { msg: 'ready' })).toBeNull();
});

test('at LOG_LEVEL=debug shows every line as the app shows it in a terminal', async () => {
  await start(
    [{ level: 20, time: '2026-11-22T08:40:03.000Z', service: 'api', msg: 'request answered', status: 202 }, ready],
    undefined,
    'debug',
  );
  expect(logged[0]).toMatch(/^\[\d\d:\d\d:03\] DEBUG: api: request answered \{"status":202\}$/);
});

test('shows output that is not a log line', async () => {
  await start(['(node) a warning', ready]);
  expect(logged).toEqual(['(node) a warning']);
});

test.each([
  ['API', 'Start the sandbox again.'],
  ['worker', 'Start another one: paste the export lines above into another terminal and run npm run worker there.'],
] as const)('shows an unexpected exit of the %s, and what to do', async (name, advice) => {
  const exit = `✗ The ${name} has exited (code 3). ${advice}`;
  const shown = once(terminal, exit);
  await start([ready], 3, 'info', name);
  await shown;
  expect(logged).toEqual([exit]);
});

test('puts the output of a process that does not become ready into the error of its start, and shows nothing', async () => {
  await expect(start(['✗ listen EADDRINUSE'], 1)).rejects.toThrow('✗ listen EADDRINUSE');
  expect(logged).toEqual([]);
});
