/** Which process limits the speed: a thread that is never idle, the machine, or none, where mails wait for replies. */
import type { CostLine } from '../table/rows.ts';

/** From this share of its time on, a thread counts as never idle, or a machine as full. */
const fullShare = 0.85;

/** One sentence. @param cores of the machine */
export function describeBottleneck({ way, mailsPerSecond, process, mainThread, redis, smtp }: CostLine, cores: number): string {
  const coresOf = (msPerMail: number) => (msPerMail * mailsPerSecond) / 1000;
  const threads = { 'the main thread of the worker': mainThread, Redis: redis, 'the SMTP server': smtp };
  const busiest = Object.entries(threads).toSorted(([, one], [, other]) => other - one)[0] as [string, number];
  const total = coresOf(process + redis + smtp);
  const limit =
    coresOf(busiest[1]) >= fullShare ? busiest[0] : total >= fullShare * cores ? 'the cores of this machine' : 'waiting for replies';
  const shares = [
    ...Object.entries(threads).map(([name, ms]) => `${name} used ${percent(coresOf(ms))} of a core`),
    `its other threads ${percent(coresOf(process - mainThread))}`,
  ];
  return `The limit of ${way} was ${limit}: ${shares.join(', ')}.`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
