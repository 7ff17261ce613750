/** The command line as a process: prints the result of one command on stdout, or what is wrong on stderr and exits 1. */
import { durations } from '@posthouse/contract';
import { runCommandLine } from './command-line.ts';
import { readConfig, readFromDomains, readRedisConfig, readTemplatesDir } from './config.ts';

const { stdin, stderr } = process;
const { stream, text } = await runCommandLine(process.argv.slice(2), {
  stdin,
  stderr,
  folder: process.cwd(),
  durations,
  readRedisConfig,
  readTemplatesDir,
  readFromDomains,
  readConfig,
});
process[stream].write(`${text}\n`);
if (stream === 'stderr') process.exitCode = 1;
