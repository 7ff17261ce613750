/** `npm test [-- vitest's arguments]`: sets up what is missing, then runs every test on servers of their own. */
import './setup/node-version.mjs';
import { become } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(['install', 'build', 'redis']);
await become('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
