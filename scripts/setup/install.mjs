/**
 * Installs the dependencies exactly as the lock file says. Skipped while their inputs are unchanged:
 * a stamp in node_modules holds the hash of the lock file and of every package.json.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, versionOf } from './command.mjs';
import { root } from './root.mjs';

const stampFile = join(root, 'node_modules', '.posthouse-install');

/**
 * Installs what is missing.
 *
 * @returns {Promise<string | void>}
 */
export async function install() {
  const stamp = inputHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return 'up to date';
  const [program, ...args] = await pnpm();
  // Development needs the devDependencies whatever NODE_ENV is. CI=true: never ask a question.
  await run(program, [...args, 'install', '--frozen-lockfile', '--prod=false'], { CI: 'true' });
  writeFileSync(stampFile, stamp);
}

/** @returns {Promise<[string, ...string[]]>} the pnpm on PATH if it has the pinned major version, else the pinned version through npx */
async function pnpm() {
  /** @type {{ packageManager: string }} */
  const { packageManager } = JSON.parse(read('package.json'));
  const pinnedMajor = /@(\d+)\./.exec(packageManager)?.[1];
  const installed = await versionOf('pnpm');
  return installed?.trim().split('.')[0] === pinnedMajor ? ['pnpm'] : ['npx', '--yes', packageManager];
}

function inputHash() {
  const manifests = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.cjs', 'package.json', ...manifests];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of files) hash.update(`\0${file}\0`).update(existsSync(join(root, file)) ? read(file) : '');
  return hash.digest('hex');
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), 'utf8');
}
