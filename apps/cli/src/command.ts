/** What a command of the command line is, and how commands read their arguments. */
import { isValidName } from '@posthouse/access';

/** One command, in a file of its own. `main.ts` lists all of them. */
export interface Command {
  /** Printed by `--help`, and after a usage error. */
  usage: string;
  /**
   * @param args the arguments after the command's name
   * @returns what to print
   * @throws UsageError when the arguments are invalid
   */
  run(args: string[]): string | Promise<string>;
}

/** Invalid arguments. The message says what is wrong; `main.ts` prints the usage after it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command that cannot be run, for a reason that is not in its arguments. `main.ts` prints the message alone. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** @param parse calls `parseArgs` of node:util. @throws UsageError with the message of what `parse` throws */
export function parseOrUsageError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Returns the one name that a command needs. @throws UsageError when there is none, more than one, or an invalid one */
export function requireName([name, ...more]: readonly string[]): string {
  if (name === undefined) throw new UsageError('A name is missing.');
  if (more.length > 0) throw new UsageError('Only one name is allowed.');
  if (!isValidName(name)) throw new UsageError('A name has 1 to 64 letters, digits, dots, dashes and underscores.');
  return name;
}
