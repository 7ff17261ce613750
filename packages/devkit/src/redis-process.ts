/**
 * A private Redis on a free port: append-only file, fsync before every answer, no eviction; what
 * production is told to use. It can be killed, frozen and started again on the data it had.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Service } from '@posthouse/contract';
import { ChildProcess } from './child-process.ts';
import { freePort } from './free-port.ts';

/** How this Redis differs from the default one. */
export interface RedisProcessOptions {
  /** Where its data lives and stays. Without it, a temporary directory that `stop` removes; it is left behind only if we are killed. */
  dir?: string;
  /** `always`, the default, loses nothing that was answered. */
  appendfsync?: 'always' | 'everysec';
  /** As Redis writes it, such as `64mb`. Beyond it, writes are refused. */
  maxmemory?: string;
}

const portTries = 3;

/** A Redis or Valkey server of our own. */
export class RedisProcess implements Service {
  readonly name = 'redis';
  readonly #options: RedisProcessOptions;
  #process: ChildProcess | undefined;
  #port: number | undefined;
  #dir: string | undefined;

  constructor(options: RedisProcessOptions = {}) {
    this.#options = options;
  }

  /** Fixed from the first start on. */
  get port(): number {
    if (this.#port === undefined) throw new Error('This Redis has no port yet: start it first');
    return this.#port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The process id of the server, once it was started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** @throws when neither redis-server nor valkey-server is on PATH, or when it does not come up */
  async start(): Promise<void> {
    const command = await findServer();
    this.#dir ??= await this.#dataDirectory();
    if (this.#port !== undefined) return this.#run(command, this.#port);
    for (let tried = 1; this.#port === undefined; tried += 1) {
      const port = await freePort();
      try {
        await this.#run(command, port);
        this.#port = port;
      } catch (error) {
        // Somebody was quicker: the port was free when it was chosen, but is no longer.
        if (tried < portTries && /Address already in use/i.test((error as Error).message)) continue;
        await this.stop();
        throw error;
      }
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    if (this.#dir !== undefined && this.#options.dir === undefined) await rm(this.#dir, { recursive: true, force: true });
    this.#dir = undefined;
  }

  /** Stops it if it still runs, and starts it on the same port and the same data. */
  async restart(): Promise<void> {
    await this.#process?.stop();
    await this.start();
  }

  /** SIGKILL: a crash, resolves when the process is gone. SIGSTOP: frozen, connections stay open. SIGCONT: goes on. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    this.#process?.kill(signal);
    if (signal === 'SIGKILL') await this.#process?.exit;
  }

  /**
   * Runs one command with redis-cli and returns what it prints, for a look at what is stored.
   *
   * @throws when the command fails
   */
  async cli(...command: string[]): Promise<string> {
    const cli = (await findServer()).replace(/-server$/, '-cli');
    const { stdout } = await promisify(execFile)(cli, ['-e', '-p', String(this.port), ...command], { maxBuffer: 256 * 1024 * 1024 });
    return stdout.trimEnd();
  }

  async #run(command: string, port: number): Promise<void> {
    const { appendfsync = 'always', maxmemory } = this.#options;
    const settings = {
      bind: '127.0.0.1',
      port: String(port),
      dir: this.#dir ?? '',
      save: '',
      appendonly: 'yes',
      appendfsync,
      'maxmemory-policy': 'noeviction',
      ...(maxmemory !== undefined && { maxmemory }),
    };
    this.#process = new ChildProcess({
      name: this.name,
      command,
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      readyWhen: (line) => line.includes('Ready to accept connections'),
      stopTimeoutMs: 10_000,
    });
    await this.#process.start();
  }

  async #dataDirectory(): Promise<string> {
    const { dir } = this.#options;
    if (dir === undefined) return mkdtemp(join(tmpdir(), 'posthouse-redis-'));
    await mkdir(dir, { recursive: true });
    return dir;
  }
}

async function findServer(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v redis-server || command -v valkey-server']);
    return stdout.trim();
  } catch {
    throw new Error(
      'Neither redis-server nor valkey-server is on PATH. Install one: `apt-get install redis-server` on Debian and Ubuntu, `brew install redis` on macOS.',
    );
  }
}
