/** Reads a password: from a terminal twice and without echo, otherwise from the first line of stdin. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from './command.ts';

/** @param name of the user, for the prompt. @throws UsageError when there is no password, or the two entries differ */
export async function readPassword(name: string): Promise<string> {
  const { stdin, stderr } = process;
  const noEcho = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: noEcho, terminal: stdin.isTTY });
  const lines = reader[Symbol.asyncIterator]();
  const next = async (prompt: string) => {
    if (stdin.isTTY) stderr.write(prompt);
    const { value, done } = await lines.next();
    if (stdin.isTTY) stderr.write('\n');
    if (done) throw new UsageError('A password is missing.');
    return value;
  };
  try {
    const password = await next(`Password for ${name}: `);
    if (stdin.isTTY && (await next('Repeat the password: ')) !== password) throw new UsageError('The passwords differ.');
    return password;
  } finally {
    reader.close();
  }
}
