/** The command line as a process: prints the result of one command and sets the exit code, or runs the command's service until a signal. */
import { Resolver } from 'node:dns/promises';
import { durations } from '@posthouse/contract';
import { runProcess } from '@posthouse/runtime';
import { runCommandLine } from './command-line.ts';
import { configReaders } from './config.ts';

const { stdin, stdout, stderr } = process;
// The reader of a pipe may end before the output does: posthouse mails list | head.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const end = await runCommandLine(process.argv.slice(2), {
  stdin,
  stderr,
  colors: stdout.isTTY === true && stdout.hasColors(),
  columns: stdout.columns ?? 80,
  folder: process.cwd(),
  durations,
  ...configReaders(),
  createResolver: () => new Resolver({ timeout: durations.timings.commandLine.doctor.dnsQuery, tries: 2 }),
});
if ('service' in end) {
  await runProcess(process, { usage: '', timings: durations.timings }, async () => ({ service: end.service }));
} else {
  // Without waiting for anything else: a look-up of the system cannot be cancelled.
  stdout.write(end.stdout, () => stderr.write(end.stderr, () => process.exit(end.exitCode)));
}
