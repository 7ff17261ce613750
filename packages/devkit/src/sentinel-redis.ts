/** A master and its replicas, monitored by Sentinels: when the master ends, they make a replica the master. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '@posthouse/contract';
import { ChildProcess } from './child-process.ts';
import { freePort, RedisProcess, runCli } from './redis-process.ts';

/** The name by which the Sentinels know the master. */
const masterName = 'mail';

/** ms without a reply after which a Sentinel takes a server for dead. */
const downAfter = 1500;

/** Servers and Sentinels, each a process. */
export class SentinelRedis implements Service {
  readonly name = 'redis with sentinels';
  readonly servers: RedisProcess[];
  readonly #sentinels: { port: number; process: ChildProcess }[] = [];
  #dir: string | undefined;

  readonly #sentinelCount: number;
  readonly #sentinelPassword: string | undefined;
  #primary: RedisProcess;

  /** @param sentinels a single one replaces no master: two have to agree on that. `sentinelPassword`: what they ask for */
  constructor({ replicas, sentinels = 3, sentinelPassword }: { replicas: number; sentinels?: number; sentinelPassword?: string }) {
    this.#sentinelCount = sentinels;
    this.#sentinelPassword = sentinelPassword;
    const settings = { 'repl-diskless-sync': 'no', 'repl-ping-replica-period': '1' };
    this.servers = Array.from({ length: replicas + 1 }, () => new RedisProcess({ settings }));
    this.#primary = this.servers[0] as RedisProcess;
  }

  /** Names all Sentinels. */
  get url(): string {
    return `redis+sentinel://${this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${masterName}`;
  }

  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.start()));
    const [master, ...replicas] = this.servers as [RedisProcess, ...RedisProcess[]];
    await Promise.all(replicas.map((replica) => replica.cli('REPLICAOF', '127.0.0.1', String(master.port))));
    await until(() => this.#hasReplicas(master, replicas.length));
    this.#dir = await mkdtemp(join(tmpdir(), 'posthouse-sentinel-'));
    for (let n = 0; n < this.#sentinelCount; n++) await this.#startSentinel(this.#dir, n, master.port);
    const known = new RegExp(`num-slaves\\n${replicas.length}\\n[^]*num-other-sentinels\\n${this.#sentinelCount - 1}\\n`);
    for (const { port } of this.#sentinels) await until(async () => known.test(await this.#ask(port, 'MASTER', masterName)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sentinels.map(({ process }) => process.stop()));
    // Asked to end, a master would wait for a replica that has ended before it.
    await Promise.all(this.servers.map((server) => server.kill('SIGKILL').then(() => server.stop())));
    if (this.#dir !== undefined) await rm(this.#dir, { recursive: true, force: true });
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

  async #startSentinel(dir: string, n: number, masterPort: number): Promise<void> {
    const port = await freePort();
    const file = join(dir, `sentinel-${n}.conf`);
    const lines = [
      'bind 127.0.0.1',
      `port ${port}`,
      `dir ${dir}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${masterName} ${downAfter}`,
      `sentinel failover-timeout ${masterName} 5000`,
      ...(this.#sentinelPassword === undefined ? [] : [`requirepass ${this.#sentinelPassword}`]),
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    const process = new ChildProcess({
      name: 'sentinel',
      command: 'redis-server',
      args: [file, '--sentinel'],
      readyWhen: (line) => line.includes('Sentinel ID is'),
      stopTimeoutMs: 10_000,
    });
    this.#sentinels.push({ port, process });
    await process.start();
  }

  #ask(port: number, ...command: string[]): Promise<string> {
    const login = this.#sentinelPassword === undefined ? [] : ['--no-auth-warning', '-a', this.#sentinelPassword];
    return runCli(['-p', String(port), ...login, 'SENTINEL', ...command]);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}
