/** A Redis Cluster of three servers, each with a third of the slots and without replicas. */
import type { Service } from '@posthouse/contract';
import { RedisProcess } from './redis-process.ts';

const slots = 16_384;

/** Three servers that know each other. */
export class RedisCluster implements Service {
  readonly name = 'redis cluster';
  readonly servers: readonly RedisProcess[];
  #primary: RedisProcess | undefined;

  /** @param settings of each server, by their names in redis.conf */
  constructor(settings: Readonly<Record<string, string>> = {}) {
    this.servers = Array.from({ length: 3 }, () => new RedisProcess({ settings: { 'cluster-enabled': 'yes', ...settings } }));
  }

  /** Names all servers. */
  get url(): string {
    return `redis+cluster://${this.servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.start()));
    const share = Math.ceil(slots / this.servers.length);
    for (const [n, server] of this.servers.entries()) {
      await server.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
      await server.cli('CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(Math.min((n + 1) * share, slots) - 1));
      if (n > 0) await this.#first.cli('CLUSTER', 'MEET', '127.0.0.1', String(server.port));
    }
    await this.whenOk();
    this.#primary = await this.ownerOf('{posthouse}');
  }

  /** The server that had the slot of `{posthouse}` at the start. */
  get primary(): RedisProcess {
    if (this.#primary === undefined) throw new Error('This Cluster is not started');
    return this.#primary;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  /** Resolves when every server knows one for each slot. */
  async whenOk(): Promise<void> {
    for (const server of this.servers) {
      while (!(await server.cli('CLUSTER', 'INFO')).includes('cluster_state:ok') || /fail/.test(await server.cli('CLUSTER', 'NODES')))
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The server that has the slot of a key. */
  async ownerOf(key: string): Promise<RedisProcess> {
    const slot = Number(await this.#first.cli('CLUSTER', 'KEYSLOT', key));
    for (const server of this.servers) if (await owns(server, slot)) return server;
    throw new Error(`No server has the slot of ${key}`);
  }

  /** Moves the slot of a key, with all its keys, to another server. */
  async move(key: string, to: RedisProcess): Promise<void> {
    const from = await this.ownerOf(key);
    const slot = await this.#first.cli('CLUSTER', 'KEYSLOT', key);
    const [source, target] = await Promise.all([from.cli('CLUSTER', 'MYID'), to.cli('CLUSTER', 'MYID')]);
    await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    for (;;) {
      const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n').filter(Boolean);
      if (keys.length === 0) break;
      await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
    }
    for (const server of [to, from, ...this.servers]) await server.cli('CLUSTER', 'SETSLOT', slot, 'NODE', target);
  }

  get #first(): RedisProcess {
    return this.servers[0] as RedisProcess;
  }
}

/** Its own line of CLUSTER NODES ends with ranges of slots. */
async function owns(server: RedisProcess, slot: number): Promise<boolean> {
  const own = (await server.cli('CLUSTER', 'NODES')).split('\n').find((line) => line.includes('myself')) ?? '';
  return own
    .split(' ')
    .slice(8)
    .map((range) => range.split('-').map(Number))
    .some(([first = -1, last = first]) => first <= slot && slot <= last);
}
