/** `npm start [-- --once]`: sets up what is missing, then runs the sandbox, with a private Redis unless REDIS_URL is set. */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(process.env['REDIS_URL'] ? ['install', 'build'] : ['install', 'build', 'redis']);
await runMain('apps/sandbox/dist/main.js', process.argv.slice(2));
