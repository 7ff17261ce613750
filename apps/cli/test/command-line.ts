/** Runs a command: in this process, or in one of its own as `npm run keys` does. */
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Timings } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { runCommandLine } from '../src/command-line.ts';
import { configReaders } from '../src/config.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Exit code and output. */
export interface Ended {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** What a command finds. */
export interface Found {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  folder?: string;
  colors?: boolean;
  /** Default: that of this machine. */
  createResolver?: () => Resolver;
  /** What differs from the timings of production. */
  redis?: Partial<Timings['redis']>;
  commandLine?: Partial<Timings['commandLine']>;
}

/** Runs a command in this process. Requests wait for Redis longer than in production. */
export async function run(
  args: readonly string[],
  { stdin = '', env = {}, folder = '/nowhere', colors = false, createResolver = () => new Resolver(), redis, commandLine }: Found = {},
): Promise<Ended> {
  const stderr: string[] = [];
  const { timings, retention } = patientDurations();
  const end = await runCommandLine(args, {
    stdin: Readable.from([stdin]),
    stderr: new Writable({
      write: (chunk, _encoding, done) => {
        stderr.push(String(chunk));
        done();
      },
    }),
    colors,
    columns: 80,
    folder,
    durations: {
      timings: { ...timings, redis: { ...timings.redis, ...redis }, commandLine: { ...timings.commandLine, ...commandLine } },
      retention,
    },
    ...configReaders(env, 'localhost'),
    createResolver,
  });
  if ('service' in end) throw new Error(`${end.service.name} would run until a signal`);
  return { code: end.exitCode, stdout: end.stdout, stderr: stderr.join('') + end.stderr };
}

/** Runs a command as a process. @param env its complete environment */
export function runProcess(
  args: readonly string[],
  { stdin = '', env = {}, folder }: Omit<Found, 'redis' | 'commandLine'> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const { stdin: pipe } = execFile(process.execPath, [main, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    pipe?.on('error', () => undefined); // The process may exit without reading it.
    pipe?.end(stdin);
  });
}
