/** `npm start [-- --once]`: sets up what is missing, then runs the sandbox, with a Redis of its own unless REDIS_URL names one. */
import './setup/node-version.mjs';
import { become } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

await setUp(process.env['REDIS_URL'] ? ['install', 'build'] : ['install', 'build', 'redis']);
await become('apps/sandbox/dist/main.js', process.argv.slice(2));
