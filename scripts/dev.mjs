/**
 * `npm run dev`: compiles on save, and runs API, worker, dashboard and, where it has a certificate, SMTP submission, which restart after each successful compilation and when a web asset
 * or `.env` changes, and load templates again when one of them changes. They are configured by the environment and `.env`, as in `npm run api`. Ctrl-C stops all of them.
 */
import './setup/node-version.mjs';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
// The default export: an older Node lacks parseEnv, and a missing named import would fail before the version check.
import util from 'node:util';
import { DevProcess } from './dev/dev-process.mjs';
import { watchTree } from './dev/watch-tree.mjs';
import { CommandError } from './setup/command.mjs';
import { root } from './setup/root.mjs';
import { compile, setUp } from './setup/setup.mjs';

const usage = `Usage: npm run dev

Runs API, worker, dashboard and, where SUBMISSION_CERT_FILE is set, SMTP submission, and restarts them when a file is saved; templates are
loaded without a restart. Ctrl-C stops all of them.
Configured by environment variables and .env: "Configuration" in README.md lists them.`;
/** ms in which several saved files count as one change. */
const debounceMs = 100;
/** ms after the first Ctrl-C in which a second one is npm passing on the same key press. */
const repeatedSignalMs = 500;

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
await setUp(['install', 'build']);
const settings = { ...fileSettings(), ...process.env };
const apps = ['api', 'worker', 'dashboard', ...(settings['SUBMISSION_CERT_FILE'] ? ['submission'] : [])];
const processes = apps.map((app) => new DevProcess(app, [`apps/${app}/dist/main.js`], print));
let restartTimer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
let reloadTimer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
let compileTimer = /** @type {NodeJS.Timeout | undefined} */ (undefined);
/** Compilations run one after the other. */
let lastCompilation = Promise.resolve();
let stoppingSince = 0;

await reportMissing();
for (const each of processes) each.start();
// The folder is watched for `.env`: a watched file is lost when an editor replaces it.
const watchers = [
  watch(root, (_event, file) => file === '.env' && scheduleRestart(file)),
  ...foldersNamed('assets').map((folder) => watchTree(join(root, folder), () => scheduleRestart(folder))),
  // Not by `tsc --watch`: it looks at every file again and again, which takes most of a core.
  ...foldersNamed('src').map((folder) => watchTree(join(root, folder), scheduleCompilation)),
  // Without this, processes find a change a little later; so they do in another TEMPLATES_DIR.
  watchTree(join(root, 'templates'), scheduleReload),
];
print('dev', `${apps.join(', ')} restart when you save a file; Ctrl-C stops all of them`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

/**
 * The folders of this name in apps and packages.
 *
 * @param {string} name
 */
function foldersNamed(name) {
  const owners = ['apps', 'packages'].flatMap((folder) => readdirSync(join(root, folder)).map((owner) => `${folder}/${owner}`));
  return owners.map((owner) => `${owner}/${name}`).filter((folder) => existsSync(join(root, folder)));
}

function scheduleCompilation() {
  clearTimeout(compileTimer);
  compileTimer = setTimeout(() => {
    lastCompilation = lastCompilation.then(compileAndRestart);
  }, debounceMs);
}

async function compileAndRestart() {
  try {
    await compile();
    if (stoppingSince === 0) scheduleRestart('sources');
  } catch (error) {
    print('types', error instanceof CommandError ? error.output.trimEnd() : String(error));
  }
}

/** @param {string} reason what has changed */
function scheduleRestart(reason) {
  clearTimeout(restartTimer);
  restartTimer = setTimeout(() => {
    print('dev', `${reason} changed: restarting`);
    for (const each of processes) each.restart();
  }, debounceMs);
}

function scheduleReload() {
  clearTimeout(reloadTimer);
  reloadTimer = setTimeout(() => {
    for (const each of processes) each.reload();
  }, debounceMs);
}

/** What `.env` says, which the environment overrides. */
function fileSettings() {
  const file = join(root, '.env');
  return existsSync(file) ? util.parseEnv(readFileSync(file, 'utf8')) : {};
}

/** Prints what a first run usually lacks. Each process lists its own missing variables when it starts. */
async function reportMissing() {
  if (!existsSync(join(root, '.env'))) print('dev', 'there is no .env: npm run init writes one');
  const url = process.env['REDIS_URL'] || fileSettings()['REDIS_URL'] || 'redis://127.0.0.1:6379';
  // Of Sentinels and a Cluster the processes say themselves what they do not find.
  const { hostname, port } = /^rediss?:/.test(url) && URL.canParse(url) ? new URL(url) : { hostname: '', port: '' };
  if (hostname !== '' && !(await canConnect(hostname, Number(port || 6379)))) {
    print('dev', `no Redis answers at ${hostname}:${port || 6379}: start one (redis-server), or set REDIS_URL`);
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function canConnect(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (/** @type {boolean} */ connected) => {
      socket.destroy();
      resolve(connected);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

async function stop() {
  if (stoppingSince !== 0) {
    if (Date.now() - stoppingSince > repeatedSignalMs) for (const each of processes) each.kill();
    return;
  }
  stoppingSince = Date.now();
  clearTimeout(restartTimer);
  clearTimeout(reloadTimer);
  clearTimeout(compileTimer);
  for (const watcher of watchers) watcher.close();
  await Promise.all([lastCompilation, ...processes.map((each) => each.stop())]);
  process.exit(0);
}

/**
 * @param {string} name
 * @param {string} text one line, or several
 */
function print(name, text) {
  for (const line of text.split('\n')) process.stdout.write(`${name.padEnd(10)} │ ${line}\n`);
}
