/**
 * `npm run test:faults`: runs the fault matrix at full size and prints a table of the results.
 * `npm test` runs the same files with fewer mails. It also builds what the image is built from.
 */
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './setup/root.mjs';
import { setUp } from './setup/setup.mjs';

const columns = /** @type {const} */ (['fault', 'mails', 'lost', 'doubled', 'uncertain', 'seconds']);

await setUp(['install', 'build', 'redis', 'mailServers']);
const dir = mkdtempSync(join(tmpdir(), 'posthouse-fault-rows-'));
const rowsFile = join(dir, 'rows.jsonl');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
// One file at a time, because the rows measure durations.
const args = [
  'run',
  'apps/worker/test/faults',
  'apps/submission/test/faults',
  'test/image-build',
  '--reporter=verbose',
  '--maxWorkers=1',
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, POSTHOUSE_FAULT_ROWS: rowsFile },
});
// Ctrl-C reaches the tests too: they end, and then this process does.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code] = await once(child, 'exit');
if (existsSync(rowsFile)) process.stdout.write(`\n${table(readFileSync(rowsFile, 'utf8').trim().split('\n'))}\n`);
rmSync(dir, { recursive: true });
process.exitCode = code ?? 1;

/** @param {readonly string[]} rows a JSON object each */
function table(rows) {
  const cells = [columns.map(String), ...rows.map((row) => columns.map((column) => String(JSON.parse(row)[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) =>
    row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join('   ');
  return cells.map(line).join('\n');
}
