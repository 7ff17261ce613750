/**
 * What a machine with only Node, npm and git needs before Posthouse can run. Each step skips what is already done.
 */
import { runInstalled } from './command.mjs';
import { install } from './install.mjs';
import { mailServers } from './mail-servers.mjs';
import { step } from './progress.mjs';
import { redis } from './redis.mjs';

const steps = { install, build: compile, redis, mailServers };

/** @type {Partial<Record<keyof typeof steps, string>>} */
const labels = { redis: 'redis installed', mailServers: 'Exim and Postfix' };

/**
 * Runs these steps in order. If one fails, prints why and exits with code 1.
 *
 * @param {readonly (keyof typeof steps)[]} names
 */
export async function setUp(names) {
  for (const name of names) {
    if (!(await step(labels[name] ?? name, steps[name]))) process.exit(1);
  }
}

/**
 * Compiles every package whose sources have changed since the last build.
 *
 * @throws {CommandError} with the compiler's errors
 */
export async function compile() {
  await runInstalled('typescript', 'tsc', ['-b']);
}
