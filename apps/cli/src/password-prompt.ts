/** Reads a password: from a terminal twice and without echo, otherwise from the first line of stdin. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type CommandContext, UsageError } from './command.ts';

/** @param name of the user, for the prompt. @throws UsageError when there is no password, or the two entries differ */
export async function readPassword(name: string, { stdin, stderr }: CommandContext): Promise<string> {
  const isTerminal = stdin.isTTY === true;
  const noEcho = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: noEcho, terminal: isTerminal });
  const lines = reader[Symbol.asyncIterator]();
  const next = async (prompt: string) => {
    if (isTerminal) stderr.write(prompt);
    const { value, done } = await lines.next();
    if (isTerminal) stderr.write('\n');
    if (done) throw new UsageError('missing-password', 'A password is missing: type it, or write it to stdin.');
    return value;
  };
  try {
    const password = await next(`Password for ${name}: `);
    if (isTerminal && (await next('Repeat the password: ')) !== password) throw new UsageError('passwords-differ', 'The passwords differ.');
    return password;
  } finally {
    reader.close();
  }
}
