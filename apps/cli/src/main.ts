/** What an operator types. Today that is one command, `keys`; every other word is answered with the usage. */
import { keys } from './keys.ts';
import { UsageFault } from './usage-fault.ts';

const usage = `Usage: npm run keys -- <name> [--json]

Makes an API key and prints it once, with the entry to add to API_KEYS.
  <name>   who will hold the key: letters, digits, dot, dash and underscore, at most 64
  --json   one line for machines: { "name", "key", "entry" }`;

const [command, ...args] = process.argv.slice(2);

try {
  if (command !== 'keys') throw new UsageFault(command === undefined ? 'A command is missing.' : `There is no command "${command}".`);
  console.log(keys(args));
} catch (error) {
  if (!(error instanceof UsageFault)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 1;
}
