/** Runs `lifecycle-process.mjs`, whose argument says how its service behaves, and sends it a signal at a given line of its output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('lifecycle-process.mjs', import.meta.url));

async function run(how: string, signals: Record<string, NodeJS.Signals> = {}) {
  const child = spawn(process.execPath, [entry, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const signal = signals[line];
    if (signal !== undefined) child.kill(signal);
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

it.each(['SIGTERM', 'SIGINT'] as const)('stops and exits 0 on %s', async (signal) => {
  expect(await run('healthy', { ready: signal })).toMatchObject({ code: 0, signal: null, stderr: 'stopped\n' });
});

it('logs which signal stops it, and that it has stopped', async () => {
  const { stdout } = await run('logging', { ready: 'SIGTERM' });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 30, msg: 'stopping', signal: 'SIGTERM' },
    { level: 30, msg: 'stopped' },
  ]);
});

it('has its service read its files again on SIGHUP, and goes on', async () => {
  expect(await run('healthy', { ready: 'SIGHUP', reloaded: 'SIGTERM' })).toMatchObject({ code: 0, stdout: 'ready\nreloaded\nstopping\n' });
});

it.each(['--help', '-h'])('prints its usage on stdout for %s and starts nothing', async (option) => {
  expect(await run(option)).toEqual({ code: 0, signal: null, stdout: 'Usage: lifecycle-process\n', stderr: '' });
});

it('exits at once on a second signal', async () => {
  expect(await run('hang', { ready: 'SIGINT', 'still stopping': 'SIGINT' })).toMatchObject({ code: 1 });
});

it('ignores the repetition of a signal by npm', async () => {
  expect(await run('healthy', { ready: 'SIGINT', stopping: 'SIGINT' })).toMatchObject({ code: 0 });
});

it('prints a configuration error without a stack, and exits 1', async () => {
  const { code, stderr } = await run('misconfigured');
  expect(code).toBe(1);
  expect(stderr).toContain('- NAME is not set');
  expect(stderr).not.toContain('    at ');
});

it('prints the stack of any other error, and exits 1', async () => {
  const { code, stderr } = await run('broken');
  expect(code).toBe(1);
  expect(stderr).toMatch(/Error: planted\n\s+at /);
});

it('stops a service that fails later, prints why, and exits 1', async () => {
  expect(await run('failing')).toMatchObject({ code: 1, stderr: '✗ cannot go on\nstopped\n' });
});

it('prints why it did not stop cleanly, and exits 1', async () => {
  const { code, stderr } = await run('unclean', { ready: 'SIGTERM' });
  expect(code).toBe(1);
  expect(stderr).toContain('did not let go');
});
