/**
 * `npm run test:adopt`: sends messages of ten mail libraries through Posthouse, and runs the snippets of docs/adopt.md. Python, PHP, Ruby, Perl,
 * Go and Java have to be there; `npm test` needs none of them. `-- --only nodemailer,django` runs some, whatever else is missing.
 */
import './setup/node-version.mjs';
import { parseArgs } from 'node:util';
import { isInstalled, stacks } from '../apps/sandbox/test/adopt/stacks.mjs';
import { CommandError } from './setup/command.mjs';
import { step } from './setup/progress.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

const names = stacks.map(({ name }) => name);
const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const only = values.only?.split(',');

async function checkStacks() {
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) throw new CommandError(`There is no stack named ${unknown.join(', ')}`, `There are ${names.join(', ')}.`);
  const missing = stacks.filter((stack) => (only ?? names).includes(stack.name) && !isInstalled(stack));
  if (missing.length === 0) return (only ?? names).join(', ');
  const packages = [...new Set(missing.flatMap((stack) => stack.packages))];
  throw new CommandError(
    `Not installed: ${missing.map(({ name }) => name).join(', ')}`,
    `On Debian: apt-get install --no-install-recommends ${packages.join(' ')}\nOr run the others: npm run test:adopt -- --only ${names.filter((name) => !missing.some((stack) => stack.name === name)).join(',')}`,
  );
}

if (await step('mail libraries', checkStacks)) {
  await setUp(['install', 'build', 'redis']);
  process.env['POSTHOUSE_ADOPT'] = (only ?? names).join(',');
  await runMain('node_modules/vitest/vitest.mjs', ['run', 'apps/sandbox/test/adopt/', ...positionals]);
} else process.exitCode = 1;
