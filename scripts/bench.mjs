/** `npm run bench [-- --only <row> --profile --json]`: what a mail costs, as ratios from one run. `npm run bench -- --help` lists the options. */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(['install', 'build', 'redis']);
await runMain('apps/bench/dist/main.js', process.argv.slice(2));
