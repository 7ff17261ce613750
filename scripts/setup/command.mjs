/**
 * Runs other programs. Their output is kept aside, for it matters only when they fail.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** What is kept aside has no colours. */
const plain = { NO_COLOR: '1', FORCE_COLOR: undefined };

/** A program that failed, with all that it said. */
export class CommandFailure extends Error {
  /**
   * @param {string} what the command line, or what went wrong with it
   * @param {string} output
   */
  constructor(what, output) {
    super(what);
    this.output = output;
  }
}

/**
 * Runs a program at the repository's root.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] variables on top of ours
 * @returns {Promise<string>} what it printed on stdout and stderr, in order
 * @throws {CommandFailure} when it cannot be started, or exits with anything but 0
 */
export function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...plain, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => reject(new CommandFailure(`${program} could not be started: ${error.message}`, output)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new CommandFailure(`${[program, ...args].join(' ')} ended with ${signal ?? `exit code ${code}`}`, output));
    });
  });
}

/**
 * Runs a program that an installed package brings, by this very Node: no shell, no PATH, no wrapper.
 *
 * @param {string} packageName
 * @param {string} program
 * @param {readonly string[]} args
 */
export function runInstalled(packageName, program, args) {
  return run(process.execPath, [installedProgram(packageName, program), ...args]);
}

/**
 * The file behind a program that an installed package brings.
 *
 * @param {string} packageName
 * @param {string} program
 */
function installedProgram(packageName, program) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[program]);
}

/**
 * What a program answers to `--version`, or undefined where there is no such program.
 *
 * @param {string} program
 * @returns {Promise<string | undefined>}
 */
export function versionOf(program) {
  return run(program, ['--version']).catch(() => undefined);
}
