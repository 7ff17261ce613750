/** CPU time and memory of any process of this machine, read from the system. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** CPU time so far, in ms: of the whole process, and of its first thread, which runs the JavaScript. */
export interface CpuTime {
  process: number;
  mainThread: number;
}

/** Linux counts in ticks of 10 ms on every common platform. */
const tick = 10;
const hasProc = existsSync('/proc/self/stat');

/** @throws when there is no such process */
export async function cpuTime(pid: number): Promise<CpuTime> {
  if (!hasProc) {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'time=', '-p', String(pid)]);
    const ms =
      stdout
        .trim()
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
    return { process: ms, mainThread: ms };
  }
  const [all, main] = await Promise.all([ticks(`/proc/${pid}/stat`), ticks(`/proc/${pid}/task/${pid}/stat`)]);
  return { process: all * tick, mainThread: main * tick };
}

/** Resident memory in bytes. */
export async function residentMemory(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}

/** proc(5): utime and stime are the fields 14 and 15; the name before them may contain spaces. */
async function ticks(file: string): Promise<number> {
  const stat = await readFile(file, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
