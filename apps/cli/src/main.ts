/**
 * The command line: runs one command. `--help` prints its usage. Invalid arguments, and a command that cannot be run, print what is wrong on
 * stderr and exit 1.
 */
import { ConfigError } from '@posthouse/runtime';
import { type Command, CommandError, UsageError } from './command.ts';
import { init } from './init.ts';
import { keys } from './keys.ts';
import { reindex } from './reindex.ts';
import { secrets } from './secrets.ts';
import { users } from './users.ts';

const commands = new Map<string | undefined, Command>(Object.entries({ init, keys, users, reindex, secrets }));
const isHelp = (arg: string | undefined) => arg === '--help' || arg === '-h';

const [name, ...args] = process.argv.slice(2);
const command = commands.get(name);
const usage = (command === undefined ? [...commands.values()] : [command]).map((each) => each.usage).join('\n\n');

try {
  if (isHelp(name) || (command !== undefined && args.some(isHelp))) console.log(usage);
  else if (command === undefined) throw new UsageError(name === undefined ? 'A command is missing.' : `Unknown command "${name}".`);
  else console.log(await command.run(args));
} catch (error) {
  if (error instanceof CommandError) console.error(`✗ ${error.message}`);
  else if (error instanceof UsageError || error instanceof ConfigError) console.error(`${error.message}\n\n${usage}`);
  else throw error;
  process.exitCode = 1;
}
