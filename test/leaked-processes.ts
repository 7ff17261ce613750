/**
 * Fails a run that leaves a process behind: a Redis, a worker, a browser that nobody stopped.
 *
 * Such a process stands in this run's process group. Its parent is one of vitest's own forks, or is gone already.
 * Read from /proc, so on Linux alone, which is where CI runs.
 */
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: string;
  parent: string;
  group: string;
  command: string;
}

/** vitest's global set-up; what it returns runs after the last test. */
export default function setup(): (() => void) | undefined {
  if (process.platform !== 'linux') return undefined;
  const before = new Set(strays().map(({ pid }) => pid));
  return () => {
    const left = strays().filter(({ pid }) => !before.has(pid));
    if (left.length === 0) return;
    console.error(`The tests left processes running:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`);
    process.exitCode = 1; // vitest shows what a teardown throws, and exits with 0 all the same.
  };
}

function strays(): Process[] {
  const all = new Map(processes().map((each) => [each.pid, each]));
  const self = String(process.pid);
  const ours = all.get(self)?.group;
  return [...all.values()].filter(({ group, parent }) => {
    const above = all.get(parent);
    return group === ours && (above?.group !== ours || above.parent === self);
  });
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => read(pid) ?? []);
}

/** proc(5): `pid (command) state parent group …`; the command may hold spaces and brackets. A zombie (Z) has ended. */
function read(pid: string): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent = '', group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return state === 'Z' ? undefined : { pid, parent, group, command };
  } catch {
    return undefined; // It ended while we looked.
  }
}
