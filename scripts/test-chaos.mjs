/**
 * `npm run test:chaos [-- --seed 7 --minutes 5 --mails 5000]`: kills, freezes and outages at random while mails are sent. The seed of a
 * run is printed: the same seed makes the same disturbances in the same order. `npm test` runs the same file for a few seconds.
 */
import './setup/node-version.mjs';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runMain } from './setup/run-main.mjs';
import { setUp } from './setup/setup.mjs';

const usage = 'Usage: npm run test:chaos [-- --seed <number> --minutes <number> --mails <number>]';

/** @returns {{ seed: number, seconds: number, mails: number } | undefined} undefined where the arguments are wrong */
function readOptions() {
  try {
    const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' }, mails: { type: 'string' } } });
    const seed = Number(values.seed ?? randomInt(1_000_000));
    const seconds = Number(values.minutes ?? 5) * 60;
    const mails = Number(values.mails ?? 5000);
    return Number.isInteger(seed) && seconds > 0 && Number.isInteger(mails) && mails > 0 ? { seed, seconds, mails } : undefined;
  } catch {
    return undefined;
  }
}

const options = readOptions();
if (options === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  await setUp(['install', 'build', 'redis']);
  process.env['POSTHOUSE_CHAOS'] = JSON.stringify(options);
  await runMain('node_modules/vitest/vitest.mjs', ['run', 'apps/worker/test/chaos', '--disable-console-intercept']);
}
