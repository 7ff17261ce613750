/**
 * `npm run test:clients`: generates a Python client from docs/openapi.json and sends a mail with it. It needs Java and Python, which
 * `npm test` does not; a TypeScript client is generated there.
 */
import './setup/node-version.mjs';
import { existsSync, mkdirSync } from 'node:fs';
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
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', generator]);
  return 'newly fetched';
}

await setUp(['install', 'build', 'redis']);
if ((await step('java and python', checkPrograms)) && (await step('generator', fetchGenerator))) {
  process.env['POSTHOUSE_CLIENT_GENERATOR'] = jar;
  await runMain('node_modules/vitest/vitest.mjs', ['run', 'apps/api/test/python-client.full.ts', ...process.argv.slice(2)]);
} else process.exitCode = 1;
