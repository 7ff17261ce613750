/** Runs one command. `--help` prints its help; everything that is wrong with the arguments is reported at once. */
import { styleText } from 'node:util';
import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  InvalidArgumentError,
  type OutputConfiguration,
} from '@commander-js/extra-typings';
import { type Service, similarName } from '@posthouse/contract';
import { ConfigError, packageVersion } from '@posthouse/runtime';
import { type CommandContext, CommandError, type CommandIssue, type ExitCode, type Surroundings, UsageError } from './command.ts';
import { doctor } from './doctor/doctor.ts';
import { init } from './init.ts';
import { keys } from './keys.ts';
import { mails } from './mails/mails.ts';
import { reindex } from './reindex.ts';
import { secrets } from './secrets.ts';
import { send } from './send-mail.ts';
import { templates } from './templates/templates.ts';
import { users } from './users.ts';

/** What the process has to print before it exits; or the service that it has to run. */
export type CommandEnd = { exitCode: ExitCode; stdout: string; stderr: string } | { service: Service };

/** All commands, in the order of the help. */
function posthouse(context: CommandContext): CommandUnknownOpts {
  return new Command('posthouse')
    .description(
      'The command line of Posthouse. In a clone: npx --no-install posthouse <command>, or npm run cli -- <command>. ' +
        'It reads the same environment as the processes and, unless NODE_ENV is production, .env.',
    )
    .version(packageVersion(new URL('../package.json', import.meta.url)), '-V, --version', 'shows the version')
    .commandsGroup('Templates:')
    .addCommand(templates(context))
    .commandsGroup('Mails:')
    .addCommand(send(context))
    .addCommand(mails(context))
    .commandsGroup('Access:')
    .addCommand(keys(context))
    .addCommand(users(context))
    .commandsGroup('Installation:')
    .addCommand(init(context))
    .addCommand(doctor(context))
    .addCommand(secrets(context))
    .addCommand(reindex(context))
    .addHelpText(
      'after',
      `
Every command has --help, and --json where it ends. Exit codes:
0 done, nothing is wrong; 1 it failed, or has findings;
2 arguments or configuration are wrong. docs/command-line.md has all commands.`,
    );
}

/**
 * @param args the command and its arguments
 * @throws only what is a bug
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<CommandEnd> {
  const output = { stdout: '', stderr: '' };
  let end: CommandEnd | undefined;
  const context: CommandContext = {
    ...surroundings,
    print: (text, exitCode = 0) => {
      end = { exitCode, stdout: `${text}\n`, stderr: '' };
    },
    serve: (service) => {
      end = { service };
    },
  };
  const program = posthouse(context);
  const issues = collectIssues(program, surroundings, output);
  try {
    // `posthouse help keys list` is `posthouse keys list --help`.
    await program.parseAsync(args[0] === 'help' ? [...args.slice(1), '--help'] : args, { from: 'user' });
    issues.throwIfAny();
    return end ?? { exitCode: 0, ...output };
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, ...output };
    const known = asCommandError(error);
    if (known === undefined) throw error;
    return {
      exitCode: known.exitCode,
      stdout: '',
      stderr: args.includes('--json') ? jsonErrors(known) : textErrors(known, issues.command),
    };
  }
}

/** Lets every command report to one list instead of ending at its first error, and write to `output`. */
function collectIssues(program: CommandUnknownOpts, { colors, columns }: Surroundings, output: { stdout: string; stderr: string }) {
  const issues: CommandIssue[] = [];
  const found = {
    /** The command whose arguments are wrong, as it is typed. */
    command: 'posthouse',
    throwIfAny() {
      if (issues.length > 0) throw new UsageError(issues);
    },
  };
  const writing: OutputConfiguration = {
    writeOut: (text) => {
      output.stdout += text;
    },
    writeErr: (text) => {
      output.stderr += text;
    },
    getOutHelpWidth: () => columns,
    getErrHelpWidth: () => columns,
    getOutHasColors: () => colors,
    getErrHasColors: () => colors,
  };
  const configure = (command: CommandUnknownOpts, path: string) => {
    command.exitOverride().configureOutput(writing).helpOption('-h, --help', 'shows this help').helpCommand(false);
    command.configureHelp({
      styleTitle: (title) => styleText('bold', title, { validateStream: false }),
      subcommandTerm: (child) => [child.name(), ...child.registeredArguments.map(argumentTerm)].join(' '),
    });
    command.hook('preAction', () => {
      found.throwIfAny();
      found.command = path;
    });
    // Commander ends at the first error; here it goes on, and the action is never reached (preAction).
    command.error = (message, { code = '' } = {}) => {
      found.command = path;
      issues.push(...issuesOf(command, code, message, issues));
      return undefined as never;
    };
    for (const value of [...command.options, ...command.registeredArguments]) {
      const parse = value.parseArg;
      if (parse === undefined) continue;
      value.parseArg = ((text: string, previous: never) => {
        try {
          return parse.call(value, text, previous);
        } catch (error) {
          if (!(error instanceof InvalidArgumentError)) throw error;
          found.command = path;
          const label = 'flags' in value ? value.flags : `<${value.name()}>`;
          issues.push({ code: 'invalid-value', message: `${label}: ${error.message}` });
          return undefined;
        }
      }) as typeof parse;
    }
    for (const child of command.commands) configure(child, `${path} ${child.name()}`);
  };
  configure(program, 'posthouse');
  return found;
}

/** @returns undefined for a bug */
function asCommandError(error: unknown): CommandError | undefined {
  if (error instanceof ConfigError) return new UsageError(error.issues.map((message) => ({ code: 'configuration', message })));
  return error instanceof CommandError ? error : undefined;
}

function jsonErrors({ issues }: CommandError): string {
  return `${JSON.stringify({ errors: issues })}\n`;
}

function textErrors(error: CommandError, command: string): string {
  const lines = error.issues.map(({ code, message }) => `✗ ${message} [${code}]`);
  const isAboutArguments = error instanceof UsageError && error.issues.some(({ code }) => code !== 'configuration');
  return `${[...lines, ...(isAboutArguments ? [`\n${command} --help shows what is possible.`] : [])].join('\n')}\n`;
}

/** An error of commander as issues of ours. @param known those that the arguments had before */
function issuesOf(command: CommandUnknownOpts, code: string, message: string, known: readonly CommandIssue[]): CommandIssue[] {
  if (code === 'commander.unknownOption') {
    // It names the first one only, and takes them for arguments.
    const [, ...others] = command.args.filter((arg) => arg.startsWith('-'));
    command.args = command.args.filter((arg) => !arg.startsWith('-'));
    const messages = [message, ...others.map((option) => `unknown option '${option}'`)];
    return messages.map((text) => ({ code: 'unknown-option', message: sentence(text) }));
  }
  if (code === 'commander.excessArguments') {
    // The value of an unknown option is taken for an argument.
    if (known.some((issue) => issue.code === 'unknown-option')) return [];
    // `keys creat shop` is read as `keys entry creat shop`: entry is the default command of its group.
    const [name = ''] = command.args;
    const meant = command.name() === 'entry' ? similarName(name, command.parent?.commands.map((each) => each.name()) ?? []) : undefined;
    if (meant !== undefined) return [{ code: 'unknown-command', message: `Unknown command '${name}'. (Did you mean ${meant}?)` }];
  }
  return [
    { code: code.replace(/^commander\./, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), message: sentence(message) },
  ];
}

function argumentTerm(argument: CommandUnknownOpts['registeredArguments'][number]): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** `error: unknown option '--yaml'\n(Did you mean --all?)` as sentences. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll('\n(', '. (')
    .replaceAll('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.)]$/.test(text) ? '' : '.'}`;
}
