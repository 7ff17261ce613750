/**
 * Finds Redis, or Valkey, which is compatible, on PATH, or installs Redis. Only the program is needed: the sandbox
 * and the tests start private instances of it. So an installation is prevented from starting a system service.
 */
import { run, versionOf } from './command.mjs';

const programs = ['redis-server', 'valkey-server'];

/**
 * Finds or installs a Redis server.
 *
 * @returns {Promise<string>} its name and version
 */
export async function redis() {
  const found = await find();
  if (found !== undefined) return found;
  await installRedis();
  const installed = await find();
  if (installed === undefined)
    throw new Error('Redis was installed, but redis-server is not on PATH. Add its folder to PATH and run this again.');
  return `${installed}, newly installed`;
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
  if (hasApt && (await versionOf('sudo')) !== undefined && (await canUseSudo())) {
    return void (await run('sudo', ['-n', 'sh', '-c', aptScript]));
  }
  throw new Error(
    `Neither redis-server nor valkey-server is on PATH, and this script cannot install one here.\n${advice(hasApt)}\nThen run this again.`,
  );
}

function canUseSudo() {
  return run('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  );
}

/** @param {boolean} hasApt */
function advice(hasApt) {
  if (hasApt) return 'Install it with: sudo apt-get install redis-server';
  if (process.platform === 'darwin') return 'Install Homebrew from https://brew.sh, or install Redis in another way.';
  if (process.platform === 'win32') return 'On Windows, run this inside WSL.';
  return 'Install Redis 6.2 or later, or Valkey, with your package manager (dnf install valkey, pacman -S valkey, apk add redis).';
}

/**
 * Debian and Ubuntu start a service when they install its package. A temporary policy-rc.d prevents that
 * (Debian Policy, section 9.3.3); disabling the unit keeps it from starting at the next boot.
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
# An unrelated package list that cannot be fetched must not stop the installation.
apt-get -o DPkg::Lock::Timeout=120 update || true
apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends redis-server
if [ -d /run/systemd/system ]; then systemctl disable redis-server; fi
`;
