/** Reads a password: from a terminal without showing it, and twice, as nobody sees a slip; else the first line of stdin. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from './command.ts';

/** @throws UsageError when none is given, or the second is not the first */
export async function readPassword(name: string): Promise<string> {
  const { stdin, stderr } = process;
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: silence, terminal: stdin.isTTY });
  const lines = reader[Symbol.asyncIterator]();
  const next = async (prompt: string) => {
    if (stdin.isTTY) stderr.write(prompt);
    const { value, done } = await lines.next();
    if (stdin.isTTY) stderr.write('\n');
    if (done) throw new UsageError('No password was given.');
    return value;
  };
  try {
    const password = await next(`Password for ${name}: `);
    if (stdin.isTTY && (await next('The same again: ')) !== password) throw new UsageError('These are two passwords.');
    return password;
  } finally {
    reader.close();
  }
}
