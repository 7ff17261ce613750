/**
 * What commands share. A command is a function that takes a CommandContext and returns a `Command` of commander: its options, help and
 * examples, and an action that hands its result to `context.print` or, where it runs until a signal, to `context.serve`. It reads no
 * environment, writes nothing to stdout and ends nothing itself. `command-line.ts` lists the commands; those about templates are listed in
 * `templates/templates.ts`.
 */
import type { Resolver } from 'node:dns/promises';
import type { Readable, Writable } from 'node:stream';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isValidName } from '@posthouse/access';
import type { Durations, Service } from '@posthouse/contract';
import type { ConfigReaders } from './config.ts';

/** 0: done, nothing is wrong. 1: it failed, or has findings. 2: arguments or configuration are wrong, and nothing was done. */
export type ExitCode = 0 | 1 | 2;

/** What the process hands to a command. */
export interface Surroundings extends ConfigReaders {
  stdin: Readable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  /** Whether stdout shows colours (escape sequences of SGR, ECMA-48): false for a pipe, a file, and with NO_COLOR. */
  colors: boolean;
  /** Characters in a line of the terminal. */
  columns: number;
  /** Where `init` writes `.env`; paths in arguments are relative to it. */
  folder: string;
  durations: Durations;
  /** Asks the DNS about domains. Each call returns another one, which can be cancelled. */
  createResolver(): Resolver;
}

/** What a command uses of the process that runs it, and how it ends. */
export interface CommandContext extends Surroundings {
  /**
   * The result, for stdout.
   * @param exitCode 1 where the result has findings; what could not be done at all is a CommandError instead
   */
  print(text: string, exitCode?: 0 | 1): void;
  /** Starts the service when the action has ended, and stops it on SIGTERM and SIGINT. The process ends with it. */
  serve(service: Service): void;
}

/** One thing that is wrong. */
export interface CommandIssue {
  /** Stable, in lower case with dashes: docs/command-line.md lists them. */
  code: string;
  /** What is wrong and how to fix it, in sentences. */
  message: string;
}

/** A command that was not carried out, with all reasons at once. Printed without a stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly issues: readonly CommandIssue[];
  /** The code that the process exits with. */
  readonly exitCode: ExitCode = 1;

  /** @param code of the one issue. @param message of it */
  constructor(code: string, message: string);
  /** @param issues at least one */
  constructor(issues: readonly CommandIssue[]);
  constructor(given: string | readonly CommandIssue[], message = '') {
    const issues = typeof given === 'string' ? [{ code: given, message }] : given;
    super(issues.map((issue) => issue.message).join('\n'));
    this.issues = issues;
  }
}

/** Arguments that are wrong. The message also says which help to read. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** The option that every command has. @param shape of the line, as in `{ "mails", "removed" }` */
export function json(shape?: string): ['--json', string] {
  return ['--json', `prints one line of JSON${shape === undefined ? '' : `: ${shape}`}`];
}

/** Examples for the end of a command's help, each a command with what it does. */
export function examples(...lines: readonly (readonly [command: string, effect: string])[]): string {
  return `\nExamples:\n${lines.map(([command, effect]) => `  # ${effect}\n  posthouse ${command}`).join('\n')}`;
}

/** Reads a name of a user or an API key. @throws InvalidArgumentError */
export function parseName(name: string): string {
  if (!isValidName(name)) throw new InvalidArgumentError('A name has 1 to 64 letters, digits, dots, dashes and underscores.');
  return name;
}
