/**
 * Runs other programs and collects their output, which is shown only when they fail.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** Collected output has no colours. */
const noColours = { NO_COLOR: '1', FORCE_COLOR: undefined };

/** A program that failed, with its output. */
export class CommandError extends Error {
  /**
   * @param {string} message the command line and how it ended
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs a program at the repository's root.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] variables in addition to those of this process
 * @returns {Promise<string>} what it wrote to stdout and stderr, in order
 * @throws {CommandError} when it cannot be started, or exits with another code than 0
 */
export function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...noColours, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => reject(new CommandError(`${program} could not be started: ${error.message}`, output)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new CommandError(`${[program, ...args].join(' ')} ended with ${signal ?? `exit code ${code}`}`, output));
    });
  });
}

/**
 * Runs a program of an installed package with the Node that runs this script: without shell, PATH or wrapper.
 *
 * @param {string} packageName
 * @param {string} program
 * @param {readonly string[]} args
 */
export function runInstalled(packageName, program, args) {
  return run(process.execPath, [installedProgram(packageName, program), ...args]);
}

/**
 * The file of a program of an installed package.
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
 * The output of `program --version`, or undefined when there is no such program.
 *
 * @param {string} program
 * @returns {Promise<string | undefined>}
 */
export function versionOf(program) {
  return run(program, ['--version']).catch(() => undefined);
}
