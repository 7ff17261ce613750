/** What an operator types: a command and its arguments. What cannot be understood is answered with the usage. */
import { ConfigError } from '@posthouse/runtime';
import { type Command, UsageError } from './command.ts';
import { keys } from './keys.ts';
import { reindex } from './reindex.ts';
import { users } from './users.ts';

const commands = new Map<string | undefined, Command>(Object.entries({ keys, users, reindex }));

const [name, ...args] = process.argv.slice(2);
const command = commands.get(name);

try {
  if (command === undefined) throw new UsageError(name === undefined ? 'A command is missing.' : `There is no command "${name}".`);
  console.log(await command.run(args));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof ConfigError)) throw error;
  const shown = command === undefined ? [...commands.values()] : [command];
  console.error([error.message, ...shown.map(({ usage }) => usage)].join('\n\n'));
  process.exitCode = 1;
}
