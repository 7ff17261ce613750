/**
 * A private Redis on a free port, configured as recommended for production: append-only file, fsync before every reply, no
 * eviction. It can be killed, frozen and restarted with its data.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ChildProcess } from './child-process.ts';

/**
 * A TCP port on 127.0.0.1 that is free at this moment, for a server that cannot choose one. Another process may take it before
 * that server does, so prefer port 0 where it is supported.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Settings of a private Redis. */
export interface RedisProcessOptions {
  /** Directory of its data, which is kept. By default a temporary one that `stop` removes; only SIGKILL of this process leaves it behind. */
  dir?: string;
  /** `always` (the default) loses no write that was acknowledged. */
  appendfsync?: 'always' | 'everysec';
  /** In the format of redis.conf, such as `64mb`. Writes beyond it are rejected. */
  maxmemory?: string;
  /** TLS on its port, with a certificate of this authority for 127.0.0.1 and localhost. */
  tls?: {
    ca: CertificateAuthority;
    /** True where clients, too, need a certificate of the authority. */
    verifyClients?: boolean;
  };
  /** Further settings, by their names in redis.conf. */
  settings?: Readonly<Record<string, string>>;
}

const maxPortAttempts = 3;

/** A private Redis or Valkey server. */
export class RedisProcess implements Service {
  readonly name = 'redis';
  readonly #options: RedisProcessOptions;
  #process: ChildProcess | undefined;
  #port: number | undefined;
  #dir: string | undefined;

  constructor(options: RedisProcessOptions = {}) {
    this.#options = options;
  }

  /** Chosen at the first start, then fixed. */
  get port(): number {
    if (this.#port === undefined) throw new Error('This Redis has no port yet: start it first');
    return this.#port;
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${this.port}`;
  }

  /** The process id of the server, once it has been started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** @throws when neither redis-server nor valkey-server is on PATH, or when it does not start */
  async start(): Promise<void> {
    const command = await findServer();
    this.#dir ??= await this.#dataDirectory();
    if (this.#port !== undefined) return this.#run(command, this.#port);
    for (let attempt = 1; this.#port === undefined; attempt += 1) {
      const port = await freePort();
      try {
        await this.#run(command, port);
        this.#port = port;
      } catch (error) {
        // Another process has taken the port since it was chosen.
        if (attempt < maxPortAttempts && /Address already in use/i.test((error as Error).message)) continue;
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

  /** Stops it if it is running, and starts it with the same port and data. */
  async restart(): Promise<void> {
    await this.#process?.stop();
    await this.start();
  }

  /** SIGKILL simulates a crash and resolves when the process has ended. SIGSTOP freezes it, with connections open; SIGCONT continues it. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    this.#process?.kill(signal);
    if (signal === 'SIGKILL') await this.#process?.exit;
  }

  /**
   * Runs one command with redis-cli, to inspect or change stored data.
   *
   * @returns the output of redis-cli
   * @throws when the command fails
   */
  async cli(...command: string[]): Promise<string> {
    return await runCli(['-p', String(this.port), ...this.#cliTls, ...command]);
  }

  async #run(command: string, port: number): Promise<void> {
    const { appendfsync = 'always', maxmemory } = this.#options;
    const settings = {
      bind: '127.0.0.1',
      ...(await this.#portSettings(port)),
      dir: this.#dir ?? '',
      save: '',
      appendonly: 'yes',
      appendfsync,
      'maxmemory-policy': 'noeviction',
      ...(maxmemory !== undefined && { maxmemory }),
      ...this.#options.settings,
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

  async #portSettings(port: number): Promise<Record<string, string>> {
    const { tls } = this.#options;
    if (tls === undefined) return { port: String(port) };
    const server = await tls.ca.issue({ hosts: ['127.0.0.1', 'localhost'] });
    const client = await tls.ca.issue({ hosts: ['redis-cli'], client: true });
    const files = { ca: tls.ca.caPem, cert: server.certPem, key: server.keyPem, clientCert: client.certPem, clientKey: client.keyPem };
    await Promise.all(Object.entries(files).map(([name, pem]) => writeFile(this.#tlsFile(name as keyof typeof files), pem)));
    return {
      port: '0',
      'tls-port': String(port),
      'tls-cert-file': this.#tlsFile('cert'),
      'tls-key-file': this.#tlsFile('key'),
      'tls-ca-cert-file': this.#tlsFile('ca'),
      'tls-auth-clients': tls.verifyClients ? 'yes' : 'no',
    };
  }

  get #cliTls(): string[] {
    if (this.#options.tls === undefined) return [];
    return ['--tls', '--cacert', this.#tlsFile('ca'), '--cert', this.#tlsFile('clientCert'), '--key', this.#tlsFile('clientKey')];
  }

  #tlsFile(name: 'ca' | 'cert' | 'key' | 'clientCert' | 'clientKey'): string {
    return join(this.#dir ?? '', `tls-${name}.pem`);
  }

  async #dataDirectory(): Promise<string> {
    const { dir } = this.#options;
    if (dir === undefined) return mkdtemp(join(tmpdir(), 'posthouse-redis-'));
    await mkdir(dir, { recursive: true });
    return dir;
  }
}

/**
 * Runs redis-cli.
 * @returns its output
 * @throws when the command fails
 */
export async function runCli(args: readonly string[]): Promise<string> {
  const cli = (await findServer()).replace(/-server$/, '-cli');
  const { stdout } = await promisify(execFile)(cli, ['-e', ...args], { maxBuffer: 256 * 1024 * 1024 });
  return stdout.trimEnd();
}

/** @returns the path of redis-server or valkey-server @throws when neither is on PATH */
export async function findServer(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v redis-server || command -v valkey-server']);
    return stdout.trim();
  } catch {
    throw new Error(
      'Neither redis-server nor valkey-server is on PATH. Install one: `apt-get install redis-server` on Debian and Ubuntu, `brew install redis` on macOS.',
    );
  }
}
