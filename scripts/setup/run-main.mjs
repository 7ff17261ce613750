import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/**
 * Runs a program in this process, in the repository's folder, as `node file args` would: signals, exit code and
 * output are its own, without a parent process in between.
 *
 * @param {string} file from the repository's root
 * @param {readonly string[]} args
 */
export async function runMain(file, args) {
  const path = join(root, file);
  process.chdir(root);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}
