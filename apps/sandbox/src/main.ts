/**
 * The sandbox process, started by `npm start`. It runs until Ctrl-C. With --once it ends when the first mail has arrived: the last
 * line on stdout is then the receipt as JSON, everything else goes to stderr, and the exit code is 0 only if the mail arrived.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { timings } from '@posthouse/contract';
import { readConfig, type SandboxConfig } from './config.ts';
import { keptCredentials, newCredentials } from './credentials.ts';
import { sendFirstMail } from './first-mail.ts';
import { Sandbox } from './sandbox.ts';
import { printFirstMail, printStartupInfo, Terminal } from './terminal.ts';

const interruption = new AbortController();
// Repeated signals are ignored: npm forwards the Ctrl-C that this process has already received. Stopping has its own deadline.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());

try {
  process.exit((await run(readConfig(), interruption.signal)) ? 0 : 1);
} catch (error) {
  new Terminal(process.stderr).log(`✗ ${(error as Error).message}`);
  process.exit(1);
}

/** @returns false when --once was set and the mail did not arrive */
async function run(config: SandboxConfig, interrupted: AbortSignal): Promise<boolean> {
  const terminal = new Terminal(config.once ? process.stderr : process.stdout);
  const credentialsFile = join(config.folder, 'credentials.json');
  // With --once nobody gets to know them.
  const credentials = config.once ? newCredentials() : await keptCredentials(credentialsFile, config.fresh);
  const sandbox = new Sandbox(config, timings.sandbox, (line) => terminal.log(line), credentials);
  try {
    await sandbox.start();
    const result = await sendFirstMail(sandbox, timings.sandbox.firstMail, interrupted);
    printFirstMail(terminal, result);
    if (config.once) {
      if ('id' in result) process.stdout.write(`${JSON.stringify(result)}\n`);
      return 'id' in result;
    }
    printStartupInfo(terminal, sandbox, credentialsFile);
    interrupted.throwIfAborted();
    await once(interrupted, 'abort');
  } catch (error) {
    if (!interrupted.aborted) throw error;
  } finally {
    await sandbox.stop();
  }
  return !config.once;
}
