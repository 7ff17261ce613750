/**
 * Prints one line for each step, with its duration: `✓ install 9.8 s`. Everything goes to stderr; stdout belongs to the
 * program that is started afterwards. A failed step also prints its program's output.
 */
import { CommandError } from './command.mjs';

const live = process.stderr.isTTY === true;
// Node's own answer: it knows NO_COLOR, FORCE_COLOR and terminals without colours.
const coloured = live && process.stderr.hasColors();

/**
 * Runs a step and prints its line.
 *
 * @param {string} name
 * @param {() => Promise<string | void>} work may return a note for the line, such as a version or `up to date`
 * @returns {Promise<boolean>} false when it failed; the error has then been printed
 */
export async function step(name, work) {
  const startedAt = Date.now();
  const seconds = () => dim(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  if (live) process.stderr.write(`  ${name} …`);
  try {
    const note = await work();
    print(`${green('✓')} ${name} ${note ? `${note} ` : ''}${seconds()}`);
    return true;
  } catch (error) {
    print(`${red('✗')} ${name} ${seconds()}\n${describe(error)}`);
    return false;
  }
}

/** @param {string} line */
function print(line) {
  process.stderr.write(`${live ? '\r\u001b[K' : ''}${line}\n`);
}

/** @param {unknown} error */
function describe(error) {
  if (error instanceof CommandError) return `${error.output.trimEnd()}\n${error.message}`.trimStart();
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} text */
const green = (text) => paint(32, text);
/** @param {string} text */
const red = (text) => paint(31, text);
/** @param {string} text */
const dim = (text) => paint(2, text);

/**
 * @param {number} code SGR, ECMA-48 section 8.3.117
 * @param {string} text
 */
function paint(code, text) {
  return coloured ? `\u001b[${code}m${text}\u001b[0m` : text;
}
