/**
 * A program that runs beside us: ready when it says so on a line of its output, stopped by SIGTERM,
 * never left behind (see `guarded-command.ts`). It is put in a process group of its own, so that
 * Ctrl-C at a terminal reaches only us and we decide who stops first.
 */
import { type ChildProcess as NodeChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Service } from '@posthouse/contract';
import { guardedCommand } from './guarded-command.ts';

/** How a process ended: with a code of its own, or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What to run, and how to know that it is up. */
export interface ChildProcessOptions {
  /** Who it is, in errors. */
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the process. Without it, ours. */
  env?: NodeJS.ProcessEnv;
  /** True for the line of output that says that it can be used. */
  readyWhen: (line: string) => boolean;
  /** Sees every line of output as it comes. */
  onLine?: (line: string) => void;
  /** ms that it may take until it is ready; 30 s by default. */
  startTimeoutMs?: number;
  /** ms that it may take to end after SIGTERM, then it is killed; 35 s by default, a little more than our processes give themselves. */
  stopTimeoutMs?: number;
}

/** One run of a program. It lives once: make another to run the program again. */
export class ChildProcess implements Service {
  readonly name: string;
  /** Every line that it has written, stdout and stderr, in the order in which they came. */
  readonly output: string[] = [];
  /** Resolves when it has ended, for whatever reason, and its last line has been read. */
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

  /** The process id, once it was started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws when it ends before it is ready, or is not ready in time; the message has its output */
  async start(): Promise<void> {
    const { startTimeoutMs = 30_000 } = this.#options;
    const ready = this.#spawn();
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
    this.kill('SIGCONT'); // a frozen process hears SIGTERM only when it runs again
    const timer = setTimeout(() => this.kill('SIGKILL'), this.#options.stopTimeoutMs ?? 35_000);
    await this.exit;
    clearTimeout(timer);
  }

  /** Sends a signal. Harmless when the process has not started or has ended; `exit` tells when it is gone. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Starts the process and resolves at its ready line. */
  #spawn(): Promise<void> {
    const { command, args, env } = this.#options;
    const guarded = guardedCommand(command, args);
    const child = spawn(guarded.file, guarded.args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
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
        if (this.#options.readyWhen(line)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream as Readable }).on('line', read);
    });
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}. It said:\n${this.output.map((line) => `  ${line}`).join('\n') || '  (nothing)'}`);
  }
}
