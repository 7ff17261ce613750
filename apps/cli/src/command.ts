/** What a command of the command line is, and how commands read their arguments. */
import type { Readable, Writable } from 'node:stream';
import { isValidName } from '@posthouse/access';
import type { Durations } from '@posthouse/contract';
import type { RedisSettings } from '@posthouse/runtime';
import type { QueueConfig } from './config.ts';

/** What a command uses of the process that runs it. */
export interface CommandContext {
  stdin: Readable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  /** Where `init` writes `.env`; paths in arguments are relative to it. */
  folder: string;
  durations: Durations;
  /** Reads where Redis is. @throws ConfigError */
  readRedisConfig(): Readonly<RedisSettings>;
  /** Reads where the templates are. @throws ConfigError */
  readTemplatesDir(): string;
  /** Reads which sender domains the API allows; undefined where the environment does not say. @throws ConfigError */
  readFromDomains(): readonly string[] | undefined;
  /** Reads where the queue is, and its secret. @throws ConfigError */
  readConfig(): Promise<Readonly<QueueConfig>>;
}

/** One command, in a file of its own. `command-line.ts` lists all of them. */
export interface Command {
  /** Printed by `--help`, and after a usage error. */
  usage: string;
  /**
   * @param args the arguments after the command's name
   * @returns what to print
   * @throws UsageError when the arguments are invalid
   */
  run(args: string[], context: CommandContext): string | Promise<string>;
}

/** Invalid arguments. The message says what is wrong; the usage is printed after it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command that cannot be run, for a reason that is not in its arguments. The message is printed alone. */
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
