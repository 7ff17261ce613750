/**
 * Fails a test run that leaves a process behind: a Redis, a worker or a browser that no test stopped.
 *
 * A process belongs to the run if it descends from it. An orphan gets a new parent, so descendants are recorded while the tests run.
 * Read from /proc, so only on Linux, where CI runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

interface Process {
  pid: number;
  parent: number;
  /** Clock ticks from boot to its start: with the pid, it identifies a process. */
  startedAt: string;
}

const scanIntervalMs = 500;
/** ms that processes whose parent has just ended may take to end. */
const graceMs = 15_000;

/** Global set-up of vitest. The function that it returns runs after the last test. */
export default function setup(): (() => Promise<void>) | undefined {
  if (process.platform !== 'linux') return undefined;
  const tracker = new DescendantTracker(process.pid);
  const timer = setInterval(() => tracker.scan(), scanIntervalMs).unref();
  return async () => {
    clearInterval(timer);
    const deadline = Date.now() + graceMs;
    while (tracker.scan().length > 0 && Date.now() < deadline) await delay(50);
    const left = tracker.scan();
    if (left.length === 0) return;
    console.error(`The tests left processes running:\n${left.map(({ pid }) => `  ${pid} ${commandOf(pid)}`).join('\n')}`);
    process.exitCode = 1; // vitest reports an error of a teardown but exits with 0.
  };
}

/** Remembers the descendants of a process, also after their parent has ended. */
export class DescendantTracker {
  readonly #root: number;
  readonly #seen = new Set<string>();

  constructor(root: number) {
    this.#root = root;
  }

  /** Records the present descendants. @returns those that are running, except the root's own children, which it ends itself */
  scan(): Process[] {
    const running = processes();
    const byPid = new Map(running.map((each) => [each.pid, each]));
    for (const each of running) if (this.#descends(each, byPid)) this.#seen.add(identity(each));
    return running.filter((each) => this.#seen.has(identity(each)) && each.parent !== this.#root);
  }

  #descends(each: Process, byPid: ReadonlyMap<number, Process>): boolean {
    for (let parent = byPid.get(each.parent); parent !== undefined; parent = byPid.get(parent.parent)) {
      if (parent.pid === this.#root || this.#seen.has(identity(parent))) return true;
    }
    return false;
  }
}

function identity({ pid, startedAt }: Process): string {
  return `${pid} ${startedAt}`;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => read(pid) ?? []);
}

/** proc(5): `pid (command) state ppid …`, with starttime as field 22. The command may contain spaces and brackets. A zombie (Z) has ended. */
function read(pid: string): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid: Number(pid), parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return undefined; // It has ended since the folder was read.
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '(ended)';
  }
}
