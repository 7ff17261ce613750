/** A process for process-lifecycle.test.ts: its argument says how its service behaves. */
import { timings } from '@posthouse/contract';
import { createLogger, readEnv, runProcess, text } from '../dist/runtime.js';

const behaviour = process.argv[2];

await runProcess(process, { usage: 'Usage: lifecycle-process', timings }, async () => {
  if (behaviour === 'misconfigured') readEnv({}, (read) => ({ name: read.required('NAME', text, 'Set it.') }));
  if (behaviour === 'broken') throw new Error('planted');
  const alive = setInterval(() => undefined, 1000);
  const service = {
    name: 'test service',
    failure: new Promise((resolve) => {
      if (behaviour === 'failing') resolve(Object.assign(new Error('cannot go on'), { forOperator: true }));
    }),
    reload: async () => void process.stdout.write('reloaded\n'),
    start: async () => void process.stdout.write('ready\n'),
    stop: async () => {
      process.stdout.write('stopping\n');
      if (behaviour === 'hang') {
        setTimeout(() => process.stdout.write('still stopping\n'), 600);
        await new Promise(() => undefined);
      }
      if (behaviour === 'unclean') throw new Error('did not let go');
      clearInterval(alive);
      process.stderr.write('stopped\n');
    },
  };
  return { service, log: createLogger('test', behaviour === 'logging' ? 'info' : 'silent') };
});
