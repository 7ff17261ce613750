/**
 * One long-running process of `npm run dev`: started, restarted and stopped as a whole, its output prefixed with its name.
 * It leads a process group of its own: Ctrl-C does not reach it, and our signals reach its children too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../setup/root.mjs';
import { formatLogLine } from './log-line.mjs';

/** ms until a process that ignores SIGTERM is killed: a little more than the 30 s that a worker gives its mails in progress. */
const stopTimeoutMs = 35_000;

export class DevProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** Calls of `restart` run one after the other. */
  #lastRestart = Promise.resolve();
  #stopped = false;
  /** True from our SIGTERM until the process has exited. */
  #ending = false;
  /** It has logged something: it handles signals from then on. */
  #hasStarted = false;
  #name;
  #args;
  #print;

  /**
   * @param {string} name
   * @param {readonly string[]} args of Node
   * @param {(name: string, line: string) => void} print receives each line of output
   */
  constructor(name, args, print) {
    this.#name = name;
    this.#args = args;
    this.#print = print;
  }

  start() {
    const child = spawn(process.execPath, this.#args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#hasStarted = false;
    child.stdout.once('data', () => {
      this.#hasStarted = true;
    });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => this.#print(this.#name, formatLogLine(line)));
    }
    child.once('close', (code, signal) => {
      this.#child = undefined;
      if (!this.#ending) this.#print(this.#name, `exited (${signal ?? `code ${code}`}); it is started again when a file is saved`);
    });
  }

  /** Stops the process if it runs, and starts it again. */
  restart() {
    this.#lastRestart = this.#lastRestart.then(async () => {
      if (this.#stopped) return;
      await this.#end();
      if (!this.#stopped) this.start();
    });
    return this.#lastRestart;
  }

  /** Stops the process for the rest of this run. Resolves when it has exited. */
  async stop() {
    this.#stopped = true;
    await this.#lastRestart;
    await this.#end();
  }

  /** Has the process read its files again; one that has exited is started. One that is starting would be ended by the signal, and reads them now. */
  reload() {
    if (this.#child === undefined) void this.restart();
    // Not its children: one that checks a template set for it would be ended.
    else if (this.#hasStarted && !this.#ending) this.#child.kill('SIGHUP');
  }

  /** Ends the process at once. */
  kill() {
    this.#signal('SIGKILL');
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended.
    }
  }

  async #end() {
    const child = this.#child;
    if (child === undefined) return;
    this.#ending = true;
    const closed = once(child, 'close');
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), stopTimeoutMs);
    await closed;
    clearTimeout(timer);
    this.#ending = false;
  }
}
