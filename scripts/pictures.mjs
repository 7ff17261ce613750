/** `npm run pictures`: takes the pictures of README and docs again, of the sandbox with its sample data and of the preview. Look at each before you commit it. */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(['install', 'build', 'redis']);
process.env['POSTHOUSE_PICTURES'] = 'docs/images';
await runMain('node_modules/vitest/vitest.mjs', [
  'run',
  'apps/sandbox/test/pictures.full.ts',
  'apps/sandbox/test/gallery-pictures.full.ts',
  'apps/cli/test/preview/pictures.full.ts',
  ...process.argv.slice(2),
]);
