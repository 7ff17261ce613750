/** `npm test [-- vitest's arguments]`: sets up what is missing, then runs every test on servers of their own. */
import './setup/node-version.mjs';
import { become } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

// vitest paints its report even where nobody looks.
if (!process.stdout.isTTY && !process.env['FORCE_COLOR']) process.env['NO_COLOR'] = '1';

await setUp(['install', 'build', 'redis']);
await become('node_modules/vitest/vitest.mjs', ['run', ...process.argv.slice(2)]);
