/** Runs one command. `--help` prints its usage; invalid arguments, and a command that cannot be run, are errors with a text for their user. */
import { ConfigError } from '@posthouse/runtime';
import { type Command, type CommandContext, CommandError, UsageError } from './command.ts';
import { init } from './init.ts';
import { keys } from './keys.ts';
import { reindex } from './reindex.ts';
import { secrets } from './secrets.ts';
import { types } from './types-command.ts';
import { users } from './users.ts';

/** What to print, and where. */
export interface Printed {
  stream: 'stdout' | 'stderr';
  text: string;
}

const commands = new Map<string | undefined, Command>(Object.entries({ init, keys, users, reindex, secrets, types }));
const isHelp = (arg: string | undefined) => arg === '--help' || arg === '-h';

/**
 * @param argv the command and its arguments
 * @returns its result for stdout, or what is wrong for stderr, with which the process exits 1
 * @throws only what is a bug
 */
export async function runCommandLine([name, ...args]: readonly string[], context: CommandContext): Promise<Printed> {
  const command = commands.get(name);
  const usage = (command === undefined ? [...commands.values()] : [command]).map((each) => each.usage).join('\n\n');
  try {
    if (isHelp(name) || (command !== undefined && args.some(isHelp))) return { stream: 'stdout', text: usage };
    if (command === undefined) throw new UsageError(name === undefined ? 'A command is missing.' : `Unknown command "${name}".`);
    return { stream: 'stdout', text: await command.run(args, context) };
  } catch (error) {
    if (error instanceof CommandError) return { stream: 'stderr', text: `✗ ${error.message}` };
    if (error instanceof UsageError || error instanceof ConfigError) return { stream: 'stderr', text: `${error.message}\n\n${usage}` };
    throw error;
  }
}
