/**
 * `npm run check`: everything that can be checked without running Posthouse. Every step runs and shows every issue that it finds;
 * with any issue the exit code is 1. CI runs this and `npm test`.
 */
import './setup/node-version.mjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOpenApi } from './openapi.mjs';
import { CommandError, runInstalled } from './setup/command.mjs';
import { step } from './setup/progress.mjs';
import { root } from './setup/root.mjs';
import { setUp } from './setup/setup.mjs';

/** @type {Record<string, () => Promise<void>>} */
const checks = {
  'format and lint': async () => {
    await runInstalled('@biomejs/biome', 'biome', ['check', '--error-on-warnings', '.']);
  },
  types: async () => {
    await runInstalled('typescript', 'tsc', ['-b']);
    await runInstalled('typescript', 'tsc', ['-p', 'tsconfig.test.json']);
  },
  'dead code': async () => {
    await runInstalled('knip', 'knip', []);
  },
  'OpenAPI file': checkOpenApi,
  'unescaped output': async () => {
    for (const project of projectsWithPages()) await scanForXss(project);
  },
  'Lua scripts': async () => {
    await runInstalled('vitest', 'vitest', ['run', 'packages/queue/test/redis/script.test.ts']);
  },
  'architecture, documents and words': async () => {
    await runInstalled('vitest', 'vitest', ['run', ...testFilesOfRoot()]);
  },
};

/** The tsconfig of each package with JSX pages, as absolute paths: the scanner finds no files from a relative one. */
function projectsWithPages() {
  return ['apps', 'packages']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'tsconfig.json')))
    .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes('"jsx"'));
}

/** The tests that only read the repository. */
function testFilesOfRoot() {
  return readdirSync(join(root, 'test'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`);
}

/**
 * The scanner exits with 0 even when it has crashed, so only its own success message counts.
 *
 * @param {string} project
 */
async function scanForXss(project) {
  const output = await runInstalled('@kitajs/ts-html-plugin', 'xss-scan', ['--project', project]);
  if (!output.includes('No XSS vulnerabilities found')) throw new CommandError(`xss-scan of ${project} did not finish`, output);
}

await setUp(['install']);
let passed = true;
for (const [name, check] of Object.entries(checks)) passed = (await step(name, check)) && passed;
process.exitCode = passed ? 0 : 1;
