/**
 * The sandbox process, which is what `npm start` becomes. It runs until Ctrl-C; with --once, until the first mail has
 * arrived: then the last line of stdout is its receipt, all else goes to stderr, and the exit code is 0 only if it is there.
 */
import { once } from 'node:events';
import { readConfig, type SandboxConfig } from './config.ts';
import { sendFirstMail } from './first-mail.ts';
import { Sandbox } from './sandbox.ts';
import { tellFirstMail, tellPlaces } from './summary.ts';
import { Terminal } from './terminal.ts';

const interruption = new AbortController();
// As often as they come: npm passes on the Ctrl-C that the terminal has sent to us already. The stop has a deadline of its own.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

try {
  process.exit((await run(readConfig(), interruption.signal)) ? 0 : 1);
} catch (error) {
  new Terminal(process.stderr).tell(`✗ ${(error as Error).message}`);
  process.exit(1);
}

/** @returns whether it did what it was started for */
async function run(config: SandboxConfig, interrupted: AbortSignal): Promise<boolean> {
  const terminal = new Terminal(config.once ? process.stderr : process.stdout);
  const sandbox = new Sandbox(config, (line) => terminal.tell(line));
  try {
    await sandbox.start();
    const first = await sendFirstMail(sandbox, interrupted);
    tellFirstMail(terminal, first);
    if (config.once) {
      if ('id' in first) process.stdout.write(`${JSON.stringify(first)}\n`);
      return 'id' in first;
    }
    tellPlaces(terminal, sandbox);
    interrupted.throwIfAborted();
    await once(interrupted, 'abort');
  } catch (error) {
    if (!interrupted.aborted) throw error;
  } finally {
    await sandbox.stop();
  }
  return !config.once;
}
