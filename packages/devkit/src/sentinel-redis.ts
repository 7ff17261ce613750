/** A master and its replicas, monitored by Sentinels: when the master ends, they make a replica the master. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '@posthouse/contract';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ChildProcess } from './child-process.ts';
import { findServer, freePort, RedisProcess, runCli } from './redis-process.ts';

/** The name by which the Sentinels know the master. */
const masterName = 'mail';

/** ms without a reply after which a Sentinel takes a server for dead. */
const downAfter = 1500;

/** How many of each, and what the Sentinels ask for. */
interface SentinelRedisOptions {
  replicas: number;
  /** 3 by default. A single one replaces no master: two have to agree on that. */
  sentinels?: number;
  sentinelPassword?: string;
  /** Issues the certificates of servers and Sentinels, which take TLS only then. Only without replicas. */
  ca?: CertificateAuthority;
}

const maxPortAttempts = 3;

/** Servers and Sentinels, each a process. */
export class SentinelRedis implements Service {
  readonly name = 'redis with sentinels';
  readonly servers: RedisProcess[];
  readonly #sentinels: { port: number; process: ChildProcess }[] = [];
  readonly #options: SentinelRedisOptions;
  #dir = '';
  #primary: RedisProcess;

  constructor(options: SentinelRedisOptions) {
    this.#options = options;
    const { replicas, ca } = options;
    const settings = { 'repl-diskless-sync': 'no', 'repl-ping-replica-period': '1' };
    this.servers = Array.from({ length: replicas + 1 }, () => new RedisProcess({ settings, ...(ca !== undefined && { tls: { ca } }) }));
    this.#primary = this.servers[0] as RedisProcess;
  }

  /** Names all Sentinels. */
  get url(): string {
    const scheme = this.#options.ca === undefined ? 'redis' : 'rediss';
    return `${scheme}+sentinel://${this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${masterName}`;
  }

  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.start()));
    const [master, ...replicas] = this.servers as [RedisProcess, ...RedisProcess[]];
    await Promise.all(replicas.map((replica) => replica.cli('REPLICAOF', '127.0.0.1', String(master.port))));
    await until(() => this.#hasReplicas(master, replicas.length));
    this.#dir = await mkdtemp(join(tmpdir(), 'posthouse-sentinel-'));
    const { ca, sentinels = 3 } = this.#options;
    if (ca !== undefined) {
      const { certPem, keyPem } = await ca.issue({ hosts: ['127.0.0.1'] });
      await Promise.all([ca.writeCa(this.#file('ca')), writeFile(this.#file('cert'), certPem), writeFile(this.#file('key'), keyPem)]);
    }
    while (this.#sentinels.length < sentinels) await this.#startSentinel(master.port);
    const known = new RegExp(`num-slaves\\n${replicas.length}\\n[^]*num-other-sentinels\\n${sentinels - 1}\\n`);
    for (const { port } of this.#sentinels) await until(async () => known.test(await this.#ask(port, 'MASTER', masterName)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sentinels.map(({ process }) => process.stop()));
    // Asked to end, a master would wait for a replica that has ended before it.
    await Promise.all(this.servers.map((server) => server.kill('SIGKILL').then(() => server.stop())));
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** The master, as it was when it was last killed or replaced. */
  get primary(): RedisProcess {
    return this.#primary;
  }

  /** Starts a server that was killed, as a replica of the master. Sentinels would make it one as well, 8 s later. */
  async startAsReplica(server: RedisProcess): Promise<void> {
    await server.start();
    await server.cli('REPLICAOF', '127.0.0.1', String(this.#primary.port));
  }

  /** Resolves when the Sentinels name another master than the one that was killed, and it takes writes. */
  async whenReplaced(): Promise<void> {
    const former = this.#primary;
    await until(async () => {
      const [, port] = (await this.#ask(this.#sentinels[0]?.port as number, 'GET-MASTER-ADDR-BY-NAME', masterName)).split('\n');
      const named = this.servers.find((server) => server.port === Number(port));
      if (named === undefined || named === former || !(await named.cli('ROLE')).startsWith('master')) return false;
      this.#primary = named;
      return true;
    });
  }

  async #hasReplicas(master: RedisProcess, count: number): Promise<boolean> {
    const online = (await master.cli('INFO', 'replication')).match(/state=online/g) ?? [];
    return online.length >= count;
  }

  /** Of a port that another process has taken since it was chosen, another one is tried. */
  async #startSentinel(masterPort: number, attempt = 1): Promise<void> {
    const { ca, sentinelPassword } = this.#options;
    const port = await freePort();
    const file = join(this.#dir, `sentinel-${port}.conf`);
    const tls = [
      ...['port 0', `tls-port ${port}`, 'tls-replication yes', 'tls-auth-clients no'],
      ...[`tls-ca-cert-file ${this.#file('ca')}`, `tls-cert-file ${this.#file('cert')}`, `tls-key-file ${this.#file('key')}`],
    ];
    const lines = [
      'bind 127.0.0.1',
      ...(ca === undefined ? [`port ${port}`] : tls),
      `dir ${this.#dir}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${masterName} ${downAfter}`,
      `sentinel failover-timeout ${masterName} 5000`,
      ...(sentinelPassword === undefined ? [] : [`requirepass ${sentinelPassword}`]),
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    const process = new ChildProcess({
      name: 'sentinel',
      command: await findServer(),
      args: [file, '--sentinel'],
      readyWhen: (line) => line.includes('Sentinel ID is'),
      stopTimeoutMs: 10_000,
    });
    try {
      await process.start();
      this.#sentinels.push({ port, process });
    } catch (error) {
      if (attempt === maxPortAttempts || !/Address already in use/i.test((error as Error).message)) throw error;
      await this.#startSentinel(masterPort, attempt + 1);
    }
  }

  #file(name: string): string {
    return join(this.#dir, `${name}.pem`);
  }

  #ask(port: number, ...command: string[]): Promise<string> {
    const { ca, sentinelPassword } = this.#options;
    const login = sentinelPassword === undefined ? [] : ['--no-auth-warning', '-a', sentinelPassword];
    const tls = ca === undefined ? [] : ['--tls', '--cacert', this.#file('ca')];
    return runCli(['-p', String(port), ...login, ...tls, 'SENTINEL', ...command]);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}
