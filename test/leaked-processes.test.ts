import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { DescendantTracker } from './leaked-processes.ts';

const waiting = 'setInterval(() => undefined, 1e6)';
/** Starts a process that outlives it, in a session of its own and without environment, prints its pid, and ends on a line of input. */
const parent = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(waiting)}], { detached: true, stdio: 'ignore', env: {} });
  console.log(child.pid);
  process.stdin.once('data', () => process.exit());
`;

it.runIf(process.platform === 'linux')('an orphan is found by its origin, in whatever group and session it is', async () => {
  const tracker = new DescendantTracker(process.pid);
  const started = spawn(process.execPath, ['-e', parent], { stdio: ['pipe', 'pipe', 'inherit'] });
  const orphan = await firstNumber(started);
  try {
    tracker.scan();
    started.stdin.end('\n');
    await once(started, 'close');
    expect(tracker.scan().map(({ pid }) => pid)).toEqual([orphan]);
  } finally {
    process.kill(orphan, 'SIGKILL');
  }
  await expect.poll(() => tracker.scan()).toEqual([]);
});

it.runIf(process.platform === 'linux')('a process of another origin is not reported, even in the same process group', async () => {
  const other = spawn(process.execPath, ['-e', waiting], { stdio: 'ignore' });
  const tracker = new DescendantTracker(other.pid ?? 0);
  const sibling = spawn(process.execPath, ['-e', waiting], { stdio: 'ignore' });
  expect(tracker.scan()).toEqual([]);
  for (const each of [other, sibling]) {
    each.kill('SIGKILL');
    await once(each, 'exit');
  }
});

async function firstNumber({ stdout }: ChildProcess): Promise<number> {
  const [chunk] = await once(stdout ?? process.stdin, 'data');
  return Number(String(chunk));
}
