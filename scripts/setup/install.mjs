/**
 * The dependencies, exactly as the lock file has them. Skipped while nothing that decides them has changed:
 * a stamp in node_modules holds the hash of it all.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, versionOf } from './command.mjs';
import { root } from './root.mjs';

const stampFile = join(root, 'node_modules', '.posthouse-install');

/** Installs what is missing. @returns {Promise<string | void>} */
export async function install() {
  const stamp = wanted();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return 'up to date';
  const [program, ...first] = await pnpm();
  // Development needs the development dependencies whatever NODE_ENV says, and nobody is there to answer a question.
  await run(program, [...first, 'install', '--frozen-lockfile', '--prod=false'], { CI: 'true' });
  writeFileSync(stampFile, stamp);
}

/** @returns {Promise<[string, ...string[]]>} the pnpm on PATH if it is of the pinned major, else the pinned one through npx */
async function pnpm() {
  /** @type {{ packageManager: string }} */
  const { packageManager } = JSON.parse(read('package.json'));
  const pinnedMajor = /@(\d+)\./.exec(packageManager)?.[1];
  const present = await versionOf('pnpm');
  return present?.trim().split('.')[0] === pinnedMajor ? ['pnpm'] : ['npx', '--yes', packageManager];
}

function wanted() {
  const rooms = ['packages', 'apps'].flatMap((folder) => readdirSync(join(root, folder)).map((room) => `${folder}/${room}/package.json`));
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.cjs', 'package.json', ...rooms];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of files) hash.update(`\0${file}\0`).update(existsSync(join(root, file)) ? read(file) : '');
  return hash.digest('hex');
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8');
}
