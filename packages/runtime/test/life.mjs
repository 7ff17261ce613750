/** A process whose service behaves as the argument says. */
import { readEnv, runProcess, text } from '../dist/runtime.js';

const how = process.argv[2];

await runProcess(process, async () => {
  if (how === 'misconfigured') readEnv({}, (read) => ({ name: read.required('NAME', text, 'Set it.') }));
  if (how === 'broken') throw new Error('planted');
  const alive = setInterval(() => undefined, 1000);
  return {
    name: 'life',
    start: async () => void process.stdout.write('ready\n'),
    stop: async () => {
      process.stdout.write('stopping\n');
      if (how === 'hang') {
        setTimeout(() => process.stdout.write('still stopping\n'), 600);
        await new Promise(() => undefined);
      }
      if (how === 'unclean') throw new Error('did not let go');
      clearInterval(alive);
      process.stderr.write('stopped\n');
    },
  };
});
