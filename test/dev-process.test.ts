import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DevProcess } from '../scripts/dev/dev-process.mjs';
import { watchTree } from '../scripts/dev/watch-tree.mjs';

it('a process that is still starting is not ended by a reload: it reads its files anyway', async () => {
  const lines: string[] = [];
  await new Promise<void>((resolve) => {
    const child = new DevProcess('late', ['-e', "setTimeout(() => console.log('started'), 100)"], (_name, line) => {
      lines.push(line);
      if (line.startsWith('exited')) resolve();
    });
    child.start();
    child.reload();
  });
  expect(lines).toEqual(['started', expect.stringContaining('exited (code 0)')]);
});

it('a reload reaches the process alone: what it has started to check a template set goes on', async () => {
  const lines: string[] = [];
  const program = `const child = require('node:child_process').spawn('sleep', ['60']);
    child.on('exit', (_code, signal) => console.log('ended by ' + signal));
    process.on('SIGHUP', () => { console.log('reloading'); child.kill('SIGTERM'); });
    console.log('started');`;
  const reloaded = new DevProcess('api', ['-e', program], (_name, line) => lines.push(line));
  reloaded.start();
  try {
    await expect.poll(() => lines).toEqual(['started']);
    reloaded.reload();
    await expect.poll(() => lines.slice(0, 3)).toEqual(['started', 'reloading', 'ended by SIGTERM']);
  } finally {
    await reloaded.stop();
  }
});

it('a file that is replaced again and again is noticed each time, also in a new folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'posthouse-watch-'));
  const folder = join(dir, 'src');
  await mkdir(join(folder, 'old'), { recursive: true });
  let changes = 0;
  const tree = watchTree(folder, () => changes++);
  const next = async (change: () => Promise<unknown>) => {
    const before = changes;
    await change();
    await expect.poll(() => changes).toBeGreaterThan(before);
  };
  const replace = async (file: string) => {
    await writeFile(join(dir, 'saved'), '');
    await rename(join(dir, 'saved'), join(folder, file));
  };
  try {
    for (let time = 0; time < 3; time++) await next(() => replace('old/file.ts'));
    await next(() => mkdir(join(folder, 'new')));
    await next(() => replace('new/file.ts'));
    await next(() => rm(join(folder, 'old'), { recursive: true }));
  } finally {
    tree.close();
    await rm(dir, { recursive: true });
  }
});
