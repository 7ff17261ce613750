/**
 * What a bare machine with only Node, npm and git needs before anything of Posthouse can run. Each step skips what is done.
 */
import { build } from './build.mjs';
import { install } from './install.mjs';
import { step } from './progress.mjs';
import { redis } from './redis.mjs';

/** The steps, in their order. */
const steps = { install, build, redis };

/**
 * Does some of the steps; where one fails, says why and ends the process with exit code 1.
 *
 * @param {readonly (keyof typeof steps)[]} names
 */
export async function setUp(names) {
  for (const name of names) {
    if (!(await step(name, steps[name]))) process.exit(1);
  }
}
