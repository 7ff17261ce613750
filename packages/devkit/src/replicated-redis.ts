/**
 * A primary Redis and its replica behind one endpoint, as managed services offer it. A failover promotes the replica and moves the
 * endpoint, while the connections to the former primary stay alive.
 */
import type { Service } from '@posthouse/contract';
import { RedisProcess } from './redis-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** A replica is synchronised at once instead of after a wait for others. */
const replication = { 'repl-diskless-sync': 'no' };

/** Two servers, one of them the primary, and a proxy to it. */
export class ReplicatedRedis implements Service {
  readonly name = 'replicated redis';
  #primary = new RedisProcess({ settings: replication });
  #replica = new RedisProcess({ settings: replication });
  #endpoint: TcpProxy | undefined;

  /** The endpoint, where a test can also stall connections. */
  get endpoint(): TcpProxy {
    if (this.#endpoint === undefined) throw new Error('There is no endpoint yet: start it first');
    return this.#endpoint;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.endpoint.port}`;
  }

  get primary(): RedisProcess {
    return this.#primary;
  }

  get replica(): RedisProcess {
    return this.#replica;
  }

  async start(): Promise<void> {
    await Promise.all([this.#primary.start(), this.#replica.start()]);
    await this.#replica.cli('REPLICAOF', '127.0.0.1', String(this.#primary.port));
    await until(this.#replica, 'master_link_status:up');
    this.#endpoint = new TcpProxy(this.#primary.port);
    await this.#endpoint.start();
  }

  async stop(): Promise<void> {
    await this.#endpoint?.stop();
    await Promise.all([this.#primary.stop(), this.#replica.stop()]);
  }

  /**
   * Makes the replica the primary, and the primary its replica. No acknowledged write is lost: writes wait, for up to a second,
   * until the replica has caught up.
   *
   * @param moveEndpoint false leaves the endpoint at the former primary until `moveEndpoint` is called
   */
  async failOver({ moveEndpoint = true } = {}): Promise<void> {
    await this.#primary.cli('FAILOVER', 'TO', '127.0.0.1', String(this.#replica.port));
    await until(this.#replica, 'role:master');
    await until(this.#primary, 'role:slave');
    [this.#primary, this.#replica] = [this.#replica, this.#primary];
    if (moveEndpoint) this.moveEndpoint();
  }

  /** Leads new connections to the primary. */
  moveEndpoint(): void {
    this.endpoint.switchTo(this.#primary.port);
  }
}

/** Resolves when a server reports that about its replication. */
async function until(server: RedisProcess, line: string): Promise<void> {
  while (!(await server.cli('INFO', 'replication')).includes(line)) await new Promise((resolve) => setImmediate(resolve));
}
