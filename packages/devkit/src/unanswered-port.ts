/**
 * A TCP port whose connections are never answered, as of a machine that is off or behind a firewall that drops packets. It listens on a
 * loopback address with a full queue of connections, which nobody accepts: the system drops what comes after.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Service } from '@posthouse/contract';

/** Listens and never returns to its event loop, so that it accepts no connection. */
const listener = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const server = createServer().listen({ ...workerData, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** One port that does not answer. */
export class UnansweredPort implements Service {
  readonly name = 'unanswered port';
  readonly address: string;
  #port: number;
  #worker: Worker | undefined;
  readonly #queued: Socket[] = [];

  constructor(address: string, port = 0) {
    this.address = address;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#worker = new Worker(listener, { eval: true, workerData: { host: this.address, port: this.#port } });
    [this.#port] = (await once(this.#worker, 'message')) as [number];
    // Fills the queue: until a connection is not answered any more.
    while (await this.#isAnswered());
  }

  async stop(): Promise<void> {
    for (const socket of this.#queued.splice(0)) socket.destroy();
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #isAnswered(): Promise<boolean> {
    const socket = connect(this.#port, this.address).on('error', () => undefined);
    this.#queued.push(socket);
    // A busy process may itself be late, with the answer waiting: that is read before setImmediate.
    const late = new Promise<false>((resolve) => setTimeout(() => setImmediate(resolve, false), 200));
    return await Promise.race([once(socket, 'connect').then(() => true), late]);
  }
}
