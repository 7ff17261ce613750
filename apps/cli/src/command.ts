/** What a command of the command line is. */

/** One command, in a file of its own; `main.ts` finds it by its name. */
export interface Command {
  /** How it is used, shown beside what was wrong with how it was. */
  usage: string;
  /**
   * @param args what follows the command's name
   * @returns what to print
   * @throws UsageError when the arguments cannot be understood
   */
  run(args: string[]): string | Promise<string>;
}

/** The command line cannot be understood. The message says why; whoever catches it adds the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
