/** The life of a process, seen from outside: `life.mjs` runs `live` with a service as its argument says, and is sent a signal at a line of its output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('life.mjs', import.meta.url));

async function run(how: string, signals: Record<string, NodeJS.Signals> = {}) {
  const child = spawn(process.execPath, [entry, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const signal = signals[line];
    if (signal !== undefined) child.kill(signal);
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, said };
}

it.each(['SIGTERM', 'SIGINT'] as const)('stops and exits 0 on %s', async (signal) => {
  expect(await run('well', { ready: signal })).toEqual({ code: 0, signal: null, said: 'stopped\n' });
});

it('exits at once on a second signal', async () => {
  expect(await run('hang', { ready: 'SIGINT', 'still stopping': 'SIGINT' })).toMatchObject({ code: 1 });
});

it('takes the echo of a signal for the same one', async () => {
  expect(await run('well', { ready: 'SIGINT', stopping: 'SIGINT' })).toMatchObject({ code: 0 });
});

it('explains a fault of configuration without a stack, and exits 1', async () => {
  const { code, said } = await run('misconfigured');
  expect(code).toBe(1);
  expect(said).toContain('- NAME is not set');
  expect(said).not.toContain('    at ');
});

it('shows the stack of a fault of ours, and exits 1', async () => {
  const { code, said } = await run('broken');
  expect(code).toBe(1);
  expect(said).toMatch(/Error: planted\n\s+at /);
});

it('exits 1 and says why when it does not stop cleanly', async () => {
  const { code, said } = await run('unclean', { ready: 'SIGTERM' });
  expect(code).toBe(1);
  expect(said).toContain('did not let go');
});
