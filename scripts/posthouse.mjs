#!/usr/bin/env node
/** `npx --no-install posthouse` in a clone: the command line, set up as `npm run cli` does. */
process.argv.splice(2, 0, 'cli');
await import('./run.mjs');
