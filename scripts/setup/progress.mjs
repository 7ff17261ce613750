/**
 * One line a step, with its time: `✓ install 9.8 s`. All of it goes to stderr; stdout belongs to whatever is
 * started afterwards. A step that fails shows everything that its program said.
 */
import { CommandFailure } from './command.mjs';

const live = process.stderr.isTTY === true;
const coloured = live && !process.env['NO_COLOR'];

/**
 * Does a step and shows its line.
 *
 * @param {string} name
 * @param {() => Promise<string | void>} work may return a few words to stand in the line: a version, `up to date`
 * @returns {Promise<boolean>} whether it worked; what went wrong has then been shown
 */
export async function step(name, work) {
  const begun = Date.now();
  const seconds = () => dim(`${((Date.now() - begun) / 1000).toFixed(1)} s`);
  if (live) process.stderr.write(`  ${name} …`);
  try {
    const note = await work();
    show(`${green('✓')} ${name} ${note ? `${note} ` : ''}${seconds()}`);
    return true;
  } catch (error) {
    show(`${red('✗')} ${name} ${seconds()}\n${story(error)}`);
    return false;
  }
}

/** @param {string} line */
function show(line) {
  process.stderr.write(`${live ? '\r\u001b[K' : ''}${line}\n`);
}

/** @param {unknown} error */
function story(error) {
  if (error instanceof CommandFailure) return `${error.output.trimEnd()}\n${error.message}`.trimStart();
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
