import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { failureReason } from '../src/verify.ts';

/** How a process of Node fails that runs this program. */
async function failing(program: string, options: object = {}): Promise<Error> {
  return await promisify(execFile)(process.execPath, ['-e', program], options).then(
    () => new Error('it has not failed'),
    (error: Error) => error,
  );
}

test('says why another process could not compile a set: its error, its signal, or the time', async () => {
  expect(failureReason(await failing("throw new RangeError('too deep')"), 5)).toBe('RangeError: too deep');
  expect(failureReason(await failing("process.kill(process.pid, 'SIGKILL')"), 5)).toBe('it was ended by SIGKILL');
  const slow = await failing('setInterval(() => {}, 1000)', { timeout: 5, killSignal: 'SIGKILL' });
  expect(failureReason(slow, 5)).toBe('it took longer than 5 ms');
  expect(failureReason(await failing('', { cwd: '/nowhere' }), 5)).toMatch(/ENOENT/);
});
