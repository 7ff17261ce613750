/**
 * Redis, or Valkey, which speaks the same: found on PATH, or installed. Only the program is wanted; the sandbox
 * and the tests run it themselves, privately. So an installed one is kept from starting as a system service.
 */
import { run, versionOf } from './command.mjs';

const programs = ['redis-server', 'valkey-server'];

/** Finds or installs a Redis server. @returns {Promise<string>} its name and version */
export async function redis() {
  const found = await find();
  if (found !== undefined) return found;
  await installRedis();
  const installed = await find();
  if (installed === undefined) throw new Error('Redis was installed, but redis-server is not on PATH. Put it there and run this again.');
  return `${installed}, now installed`;
}

async function find() {
  for (const program of programs) {
    const version = /v=(\S+)/.exec((await versionOf(program)) ?? '')?.[1];
    if (version !== undefined) return `${program} ${version}`;
  }
  return undefined;
}

async function installRedis() {
  if (process.platform === 'darwin' && (await versionOf('brew')) !== undefined) return void (await run('brew', ['install', 'redis']));
  const hasApt = process.platform === 'linux' && (await versionOf('apt-get')) !== undefined;
  if (hasApt && process.getuid?.() === 0) return void (await run('sh', ['-c', aptScript]));
  if (hasApt && (await versionOf('sudo')) !== undefined && (await mayBecomeRoot())) {
    return void (await run('sudo', ['-n', 'sh', '-c', aptScript]));
  }
  throw new Error(
    `There is no redis-server and no valkey-server on PATH, and this script cannot install one here.\n${advice(hasApt)}\nThen run this again.`,
  );
}

function mayBecomeRoot() {
  return run('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  );
}

/** @param {boolean} hasApt */
function advice(hasApt) {
  if (hasApt) return 'Install it with: sudo apt-get install redis-server';
  if (process.platform === 'darwin') return 'Install Homebrew from https://brew.sh, or Redis in any other way.';
  if (process.platform === 'win32') return 'On Windows, run this inside WSL.';
  return 'Install Redis 6.2 or later, or Valkey, with your package manager (dnf install valkey, pacman -S valkey, apk add redis).';
}

/**
 * Debian and Ubuntu start a service as they install it. policy-rc.d is their own switch against that
 * (Debian Policy, section 9.3.3); it is taken away again, and the service is not to start at the next boot either.
 */
const aptScript = `
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
# A list of somebody else's that cannot be fetched is no reason to stop.
apt-get -o DPkg::Lock::Timeout=120 update || true
apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends redis-server
if [ -d /run/systemd/system ]; then systemctl disable redis-server; fi
`;
