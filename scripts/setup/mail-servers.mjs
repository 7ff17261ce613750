/**
 * Debian's Exim and Postfix for `npm run test:faults`. Their packages exclude each other and start services, so none is installed: what
 * apt would install is downloaded and unpacked into a folder of this repository. Nothing else of the system changes.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, versionOf } from './command.mjs';
import { root } from './root.mjs';

/** Where the programs are, as in the root folder of a system. */
const mailServersFolder = join(root, 'node_modules', '.posthouse-mail-servers');

/** libnss-wrapper gives them their users without an entry in /etc/passwd. */
const packages = ['exim4-daemon-light', 'postfix', 'libnss-wrapper'];

const stamp = join(mailServersFolder, 'complete');

/**
 * Downloads and unpacks them.
 *
 * @returns {Promise<string>} a note for the step's line
 */
export async function mailServers() {
  if (!existsSync(stamp)) {
    if ((await versionOf('apt-get')) === undefined || process.getuid?.() !== 0) {
      return 'left out: they need Debian and root, as in the container node:20-bookworm';
    }
    rmSync(mailServersFolder, { recursive: true, force: true });
    // A package list that cannot be fetched must not stop the download.
    await run('apt-get', ['update']).catch(() => '');
    for (const name of packages) await unpack(name);
    writeFileSync(stamp, '');
    return 'newly unpacked';
  }
  return 'up to date';
}

/**
 * A package, and what it depends on and this system lacks.
 *
 * @param {string} name
 */
async function unpack(name) {
  const archives = join(mailServersFolder, 'archives', name);
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'APT::Sandbox::User=root', '-o', 'DPkg::Lock::Timeout=120'];
  // A package that is installed already is downloaded as well.
  await run('apt-get', [...options, '-y', '--no-install-recommends', '--reinstall', '--download-only', 'install', name]);
  for (const file of readdirSync(archives).filter((each) => each.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(archives, file), mailServersFolder]);
  }
}
