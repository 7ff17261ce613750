/** Runs a command: in this process, or in one of its own as `npm run keys` does. */
import { execFile } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Timings } from '@posthouse/contract';
import { patientDurations } from '@posthouse/devkit';
import { runCommandLine } from '../src/command-line.ts';
import { readConfig, readFromDomains, readRedisConfig, readTemplatesDir } from '../src/config.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Exit code and output. */
export interface Ended {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** What a command finds. */
export interface Surroundings {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  folder?: string;
  /** What differs from the timings of production. */
  redis?: Partial<Timings['redis']>;
}

/** Runs a command in this process. Requests wait for Redis longer than in production. */
export async function run(
  args: readonly string[],
  { stdin = '', env = {}, folder = '/nowhere', redis }: Surroundings = {},
): Promise<Ended> {
  const stderr: string[] = [];
  const { timings, retention } = patientDurations();
  const { stream, text } = await runCommandLine(args, {
    stdin: Readable.from([stdin]),
    stderr: new Writable({
      write: (chunk, _encoding, done) => {
        stderr.push(String(chunk));
        done();
      },
    }),
    folder,
    durations: { timings: { ...timings, redis: { ...timings.redis, ...redis } }, retention },
    readRedisConfig: () => readRedisConfig(env),
    readTemplatesDir: () => readTemplatesDir(env),
    readFromDomains: () => readFromDomains(env),
    readConfig: () => readConfig(env),
  });
  const printed = `${text}\n`;
  return stream === 'stdout'
    ? { code: 0, stdout: printed, stderr: stderr.join('') }
    : { code: 1, stdout: '', stderr: stderr.join('') + printed };
}

/** Runs a command as a process. @param env its complete environment */
export function runProcess(args: readonly string[], { stdin = '', env = {}, folder }: Omit<Surroundings, 'redis'> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { stdin: pipe } = execFile(process.execPath, [main, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
    pipe?.on('error', () => undefined); // The process may exit without reading it.
    pipe?.end(stdin);
  });
}
