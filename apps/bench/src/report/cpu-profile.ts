/** Reads the CPU profiles that Node.js writes with `--cpu-prof`, and sums the time of each package. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The part of a profile that is used here; times are in µs. */
export interface CpuProfile {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

/** The time that the code of one package was on the CPU itself, in ms. */
export interface PartTime {
  part: string;
  ms: number;
}

/** Self time by package over several profiles, the largest first. Idle time is left out. */
export function timeByPart(profiles: readonly CpuProfile[]): PartTime[] {
  const times = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
    for (const [n, id] of samples.entries()) {
      const part = parts.get(id);
      if (part !== undefined) times.set(part, (times.get(part) ?? 0) + (timeDeltas[n] ?? 0) / 1000);
    }
  }
  return [...times].map(([part, ms]) => ({ part, ms })).toSorted((a, b) => b.ms - a.ms);
}

/** Reads every profile in a folder. */
export async function readProfiles(folder: string): Promise<CpuProfile[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  return await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
}

/** The parts of one process as text; parts below half a percent are summed. */
export function formatParts(process: string, parts: readonly PartTime[]): string {
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  const share = (ms: number) => `${((ms / total) * 100).toFixed(1).padStart(5)} %`;
  const large = parts.filter(({ ms }) => ms / total >= 0.005);
  const rest = total - large.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [...large, { part: 'others', ms: rest }].map(({ part, ms }) => `  ${share(ms)}  ${part}`);
  return [`CPU profile of the ${process}, start and warm-up included: ${Math.round(total)} ms`, ...lines, ''].join('\n');
}

/** @returns undefined for idle time */
function partOf({ functionName, url }: { functionName: string; url: string }): string | undefined {
  if (functionName === '(idle)') return undefined;
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (library !== undefined) return library;
  const own = /\/(packages|apps)\/([^/]+)\/dist\//.exec(url);
  if (own !== null) return `${own[1]}/${own[2]}`;
  const internal = /^node:(?:internal\/)?([^/]+)/.exec(url)?.[1];
  if (internal !== undefined) return `node:${internal.replace(/^_/, '').split('_')[0]}`;
  return functionName === '(garbage collector)' ? 'garbage collection' : functionName.startsWith('(') ? functionName : 'native code';
}
