/**
 * `npm run test:clients`: generates a Python client from docs/openapi.json and sends a mail with it, and runs our own client on Deno, Bun and
 * workerd. It needs Java and Python, which `npm test` does not; a TypeScript client is generated there.
 */
import './setup/node-version.mjs';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, run } from './setup/command.mjs';
import { step } from './setup/progress.mjs';
import { root } from './setup/root.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

/** The last version of OpenAPI Generator whose npm package has the program in it; later ones download it from elsewhere. */
const generator = '@openapitools/openapi-generator-cli@1.0.18-5.0.0-beta2';
const folder = join(root, 'node_modules', '.posthouse-client-generator');
const jar = join(folder, 'node_modules/@openapitools/openapi-generator-cli/bin/openapi-generator.jar');

/** As npm packages with the programs in them, for x64 Linux with glibc. */
const runtimes = ['@deno/linux-x64-glibc@2.9.6', '@oven/bun-linux-x64@1.4.5', '@cloudflare/workerd-linux-64@1.20261117.1'];
const runtimesFolder = join(root, 'node_modules', '.posthouse-client-runtimes');

const debian = 'apt-get install default-jre-headless python3-urllib3 python3-six python3-dateutil python3-certifi';

/** Each program that is needed, with arguments that only succeed where it can be used. */
const needed = /** @type {const} */ ([
  ['java', ['-version']],
  ['python3', ['-c', 'import urllib3, six, dateutil, certifi']],
]);

async function checkPrograms() {
  for (const [program, args] of needed) {
    await run(program, args).catch((error) => {
      throw new CommandError(
        `${program} cannot be used: it is needed for the Python client`,
        `On Debian: ${debian}\n${error.output ?? ''}`,
      );
    });
  }
}

async function fetchGenerator() {
  if (existsSync(jar)) return 'up to date';
  await fetchPackages(folder, [generator]);
  return 'newly fetched';
}

async function fetchRuntimes() {
  const installed = runtimes.every((runtime) => {
    const [, name = '', version = ''] = /^(.+)@(.+)$/.exec(runtime) ?? [];
    const manifest = join(runtimesFolder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
  if (installed) return 'up to date';
  await fetchPackages(runtimesFolder, runtimes);
  return 'newly fetched';
}

/**
 * @param {string} folder
 * @param {readonly string[]} packages
 */
async function fetchPackages(folder, packages) {
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...packages]);
}

await setUp(['install', 'build', 'redis']);
const steps = { 'java and python': checkPrograms, generator: fetchGenerator, 'Deno, Bun and workerd': fetchRuntimes };
let ready = true;
for (const [name, work] of Object.entries(steps)) ready = ready && (await step(name, work));
if (ready) {
  process.env['POSTHOUSE_CLIENT_GENERATOR'] = jar;
  process.env['POSTHOUSE_CLIENT_RUNTIMES'] = runtimesFolder;
  const tests = ['apps/api/test/python-client.full.ts', 'apps/api/test/client-runtimes.full.ts'];
  await runMain('node_modules/vitest/vitest.mjs', ['run', ...tests, ...process.argv.slice(2)]);
} else process.exitCode = 1;
