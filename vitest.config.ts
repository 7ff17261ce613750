import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const tests = ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'];

/** One builds what the image is built from. The others need Exim and Postfix, which only `npm run test:faults` sets up, on Debian. */
const hasMailServers = existsSync('node_modules/.posthouse-mail-servers/complete');
const testsOfTheFaultRun = ['test/*.full.ts', ...(hasMailServers ? ['apps/worker/test/faults/**/*.full.ts'] : [])];

/** `npm run test:clients` sets it: the test needs Java and Python. */
const testsOfClients = process.env['POSTHOUSE_CLIENT_GENERATOR'] === undefined ? [] : ['apps/api/test/*.full.ts'];

/** `npm run test:adopt` sets it: they need the mail libraries of other languages. */
const testsOfAdoption = process.env['POSTHOUSE_ADOPT'] === undefined ? [] : ['apps/sandbox/test/adopt/*.full.ts'];

/** `npm run test:alerts` sets it: the test needs promtool. */
const testsOfAlerts = process.env['POSTHOUSE_ALERTS'] === undefined ? [] : ['apps/worker/test/alerts/*.full.ts'];

/** `npm run pictures` sets it: they write to docs/images. */
const pictures = process.env['POSTHOUSE_PICTURES'] === undefined ? [] : ['apps/sandbox/test/*.full.ts', 'apps/cli/test/preview/*.full.ts'];

/** Tests run on real servers in processes of their own, and wait for them more than they compute: five files at a time on two cores. */
export default defineConfig({
  test: {
    // What is polled for comes as soon as it can; only a test that fails waits that long.
    expect: { poll: { timeout: 60_000, interval: 20 } },
    include: [
      ...tests,
      ...testsOfClients,
      ...testsOfAdoption,
      ...testsOfAlerts,
      ...pictures,
      ...(process.env['POSTHOUSE_FAULT_ROWS'] === undefined ? [] : testsOfTheFaultRun),
    ],
    globalSetup: 'test/leaked-processes.ts',
    pool: 'forks',
    // Loading the modules for each file again takes nearly half of the CPU time of the tests. So no module keeps what a test changes.
    isolate: false,
    // Other packages are loaded as Node loads them in production: vitest would transform each of their modules for each of its processes.
    server: { deps: { external: [/\/(?:apps|packages)\/[^/]+\/dist\//] } },
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
