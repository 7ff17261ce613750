import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/**
 * Goes on as another program in this same process, at the repository's root: signals, exit code and stdout are
 * then its own, and nothing stands between it and whoever started us.
 *
 * @param {string} file from the repository's root
 * @param {readonly string[]} args
 */
export async function become(file, args) {
  const path = join(root, file);
  process.chdir(root);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}
