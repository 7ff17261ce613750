/** A process for logger.test.ts: logs and exits while every thread of libuv's pool is busy, as they are under load. */
import { scrypt } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger } from '../dist/runtime.js';

const log = createLogger('test', 'info', /** @type {'json' | 'pretty' | 'coloured' | undefined} */ (process.argv[2]));
for (let thread = 0; thread < 8; thread++) scrypt('password', 'salt', 32, { N: 2 ** 14 }, () => undefined);
if (process.argv[3] === 'killed') {
  log.info('line written');
  log.warn('line written');
  process.kill(process.pid, 'SIGKILL');
  // Nothing else may run before the signal.
  for (;;);
}
if (process.argv[3] === 'turns') {
  for (let n = 0; n < 100; n++) {
    log.info({ n }, 'line written');
    await nextTurn();
  }
  // It goes on, and logs no more.
  setInterval(() => undefined, 60_000);
  await new Promise(() => undefined);
}
for (let n = 0; n < 20; n++) log.info({ n, err: { type: 'MailError', message: 'reduced' } }, 'line written');
process.exit(0);
