/**
 * `npm run check`: all that can be told without running Posthouse. Every step runs, every fault is shown, and any fault
 * ends in exit code 1. Together with `npm test` this is what CI runs.
 */
import './setup/node-version.mjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure, runInstalled } from './setup/command.mjs';
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
  'unescaped output': async () => {
    for (const project of projectsWithPages()) await scanForXss(project);
  },
  architecture: async () => {
    await runInstalled('vitest', 'vitest', ['run', 'test/architecture.test.ts']);
  },
};

/** The tsconfig of each app with JSX pages, by its whole path: the scanner loses its way from a relative one. */
function projectsWithPages() {
  return readdirSync(join(root, 'apps'))
    .map((app) => join(root, 'apps', app, 'tsconfig.json'))
    .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes('"jsx"'));
}

/**
 * The scanner exits with 0 even when it has crashed: only its own good word counts.
 *
 * @param {string} project
 */
async function scanForXss(project) {
  const output = await runInstalled('@kitajs/ts-html-plugin', 'xss-scan', ['--project', project]);
  if (!output.includes('No XSS vulnerabilities found')) throw new CommandFailure(`xss-scan of ${project} did not finish`, output);
}

await setUp(['install']);
let sound = true;
for (const [name, check] of Object.entries(checks)) sound = (await step(name, check)) && sound;
process.exitCode = sound ? 0 : 1;
