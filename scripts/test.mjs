/** `npm test [-- vitest arguments]`: sets up what is missing, then runs every test on real servers that the tests start. */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

// vitest colours its report even when stdout is not a terminal.
if (!process.stdout.isTTY && !process.env['FORCE_COLOR']) process.env['NO_COLOR'] = '1';

await setUp(['install', 'build', 'redis']);
await runMain('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
