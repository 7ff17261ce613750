/**
 * `npm run test:load [-- mails]`: measures the dashboard with 200,000 mails on record: how long each page takes, and a retry of
 * thousands while new mail is sent. `npm test` runs the same file with few mails.
 */
import './setup/node-version.mjs';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

const [mails = '200000', ...args] = process.argv.slice(2);
await setUp(['install', 'build', 'redis']);
process.env['POSTHOUSE_LOAD_MAILS'] = mails;
await runMain('node_modules/vitest/vitest.mjs', ['run', 'apps/sandbox/test/load', '--disable-console-intercept', ...args]);
