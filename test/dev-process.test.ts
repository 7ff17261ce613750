import { expect, it } from 'vitest';
import { DevProcess } from '../scripts/dev/dev-process.mjs';

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
