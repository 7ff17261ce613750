import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

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
