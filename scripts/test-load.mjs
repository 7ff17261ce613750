/**
 * `npm run test:load [-- mails]`: the dashboard with 200,000 mails on record; tells how long its pages take, and a retry of thousands while
 * new mail goes out. `npm test` runs the same file, small.
 */
import './setup/node-version.mjs';
import { become } from './setup/become.mjs';
import { setUp } from './setup/setup.mjs';

const [mails = '200000', ...args] = process.argv.slice(2);
await setUp(['install', 'build', 'redis']);
process.env['POSTHOUSE_LOAD_MAILS'] = mails;
await become('node_modules/vitest/vitest.mjs', ['run', 'apps/sandbox/test/load', '--disable-console-intercept', ...args]);
