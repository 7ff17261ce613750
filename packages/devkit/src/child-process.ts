/**
 * Child processes: ready when they print a certain line, stopped by SIGTERM, and never left behind (see `guardScript`). Each has its own
 * process group, so that Ctrl-C in a terminal reaches only the parent, which decides the order in which they stop.
 */
import { type ChildProcess as NodeChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Service } from '@posthouse/contract';

/** How a process ended: by its exit code or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What to run, and how to detect that it is ready. */
export interface ChildProcessOptions {
  /** Its name in errors. */
  name: string;
  command: string;
  args: readonly string[];
  /** The complete environment of the process. By default that of the parent. */
  env?: NodeJS.ProcessEnv;
  /** Its working directory. By default that of the parent. */
  cwd?: string;
  /** True for the line of output that means that it is ready. */
  readyWhen?: (line: string) => boolean;
  /** Resolves when it is ready, for a program that does not print it. */
  whenReady?: () => Promise<void>;
  /** Called with each line of output. */
  onLine?: (line: string) => void;
  /** ms until it must be ready; 60,000 by default. */
  startTimeoutMs?: number;
  /** ms from SIGTERM until it is killed; 35,000 by default, a little more than the deadline of Posthouse's processes. */
  stopTimeoutMs?: number;
}

/**
 * Makes sure that a command does not outlive its parent, however the parent ends.
 *
 * No system call does this on both Linux and macOS, but a pipe does: the kernel closes the parent's end when the parent ends,
 * even by SIGKILL. The command is started by this shell, which first starts a guard that reads file descriptor 3. A line means that the
 * command has exited; the end of the pipe means that the parent has, and then the guard kills the command. `exec` replaces the shell
 * by the command, so the process id is the command's own and signals reach it directly.
 */
const guardScript = '(read -r line <&3 || kill -KILL $$) >/dev/null 2>&1 & exec "$@" 3<&-';

/** One run of a program. To run it again, create another one. */
export class ChildProcess implements Service {
  readonly name: string;
  /** Every line of its stdout and stderr, in order of arrival. */
  readonly output: string[] = [];
  /** Resolves when it has ended and its last line has been read. */
  readonly exit: Promise<ProcessExit>;
  readonly #options: ChildProcessOptions;
  #ended: (exit: ProcessExit) => void = () => undefined;
  #child: NodeChildProcess | undefined;

  constructor(options: ChildProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.exit = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  /** Its process id, once it has been started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws when it ends before it is ready, or is not ready in time; the message has its output */
  async start(): Promise<void> {
    const { startTimeoutMs = 60_000 } = this.#options;
    const printed = this.#spawn();
    const ready = this.#options.whenReady?.() ?? printed;
    const early = this.exit.then((exit) =>
      Promise.reject(this.#failure(`ended (${exit.signal ?? `code ${exit.code}`}) before it was ready`)),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#failure(`was not ready within ${startTimeoutMs} ms`)), startTimeoutMs);
    });
    try {
      await Promise.race([ready, early, late]);
    } catch (error) {
      this.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return;
    this.kill('SIGTERM');
    this.kill('SIGCONT'); // a process that is stopped by SIGSTOP handles SIGTERM only when it continues
    const timer = setTimeout(() => this.kill('SIGKILL'), this.#options.stopTimeoutMs ?? 35_000);
    await this.exit;
    clearTimeout(timer);
  }

  /** Sends a signal; does nothing if the process has not started or has ended. Await `exit` to know when it has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Starts the process and resolves at its ready line. */
  #spawn(): Promise<void> {
    const { command, args, env, cwd } = this.#options;
    const child = spawn('/bin/sh', ['-c', guardScript, 'sh', command, ...args], {
      detached: true,
      env,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    const guard = child.stdio[3] as Writable;
    guard.on('error', () => undefined); // the guard may have ended before its line reached it
    child.once('error', (error) => this.output.push(error.message));
    child.once('exit', () => guard.end('ended\n'));
    child.once('close', (code, signal) => this.#ended({ code, signal }));
    return new Promise((resolve) => {
      const read = (line: string) => {
        this.output.push(line);
        this.#options.onLine?.(line);
        if (this.#options.readyWhen?.(line)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream as Readable }).on('line', read);
    });
  }

  #failure(message: string): Error {
    return new Error(`${this.name} ${message}. Its output:\n${this.output.map((line) => `  ${line}`).join('\n') || '  (none)'}`);
  }
}

/** What to run, and how to detect that it is ready. */
export interface AppProcessOptions extends Omit<ChildProcessOptions, 'command' | 'args'> {
  /** Path of a .js or .mjs file. */
  entry: string;
  args?: readonly string[];
  /** The complete environment of the app; nothing of the parent's is added. */
  env: NodeJS.ProcessEnv;
  /** Its working directory. By default the folder of `entry`: apps read `.env` where they start, and that of a developer is not theirs. */
  cwd?: string;
}

/** One run of a Posthouse app, started as in production: `node entry`. */
export class AppProcess extends ChildProcess {
  constructor({ entry, args = [], ...options }: AppProcessOptions) {
    super({ cwd: dirname(entry), ...options, command: process.execPath, args: [entry, ...args] });
  }
}
