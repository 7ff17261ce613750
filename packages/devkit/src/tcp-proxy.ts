/**
 * A TCP proxy in front of a server. It can stall at a chosen point, as a network that hangs does, and it can lead new connections to
 * another server while the existing ones stay where they are, as the endpoint of a service does in a failover.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Service } from '@posthouse/contract';

/** Where to stall: at the first piece of data from a client that matches, before it arrives or before its reply is seen. */
export interface StallPoint {
  /** `nth` counts the pieces from when the point was set, from 1. */
  when: (piece: Buffer, nth: number) => boolean;
  side: 'request' | 'reply';
}

/** Passes bytes on between clients and a server on loopback. */
export class TcpProxy implements Service {
  readonly name = 'TCP proxy';
  #target: number;
  readonly #sockets = new Set<Socket>();
  /** What is held back, in order. */
  #delayed: (() => void)[] = [];
  #server: Server | undefined;
  #port = 0;
  #point: StallPoint | undefined;
  #seen = 0;
  #stalled = false;
  #isReading = true;
  #delayMs = 0;

  /** @param target port of the server on loopback */
  constructor(target: number) {
    this.#target = target;
  }

  /** The port that clients connect to, chosen at the first start. */
  get port(): number {
    if (this.#port === 0) throw new Error('The proxy has no port yet: start it first');
    return this.#port;
  }

  /** Pieces of data that clients have sent since the stall point was set. */
  get seen(): number {
    return this.#seen;
  }

  async start(): Promise<void> {
    this.#server = createServer((client) => this.#accept(client));
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes its connections. It can be started again, on the same port. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.#server === undefined ? resolve() : this.#server.close(() => resolve())));
  }

  /** Leads new connections to another server. Existing connections stay. @param target port of that server on loopback */
  switchTo(target: number): void {
    this.#target = target;
  }

  /** From the point on, holds back everything that goes that way, until `resume`. */
  stallAt(point: StallPoint): void {
    this.#point = point;
    this.#seen = 0;
    this.#stalled = false;
  }

  /** Passes on what clients send that much later, in ms, as a slow server would read it. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Reads no more of what clients send than one piece from each, until `read`. What they write from then on fills their buffers. */
  stopReading(): void {
    this.#isReading = false;
  }

  /** Reads again. */
  read(): void {
    this.#isReading = true;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Passes on what was held back, and all that follows. */
  resume(): void {
    this.#point = undefined;
    this.#stalled = false;
    for (const pass of this.#delayed.splice(0)) pass();
  }

  #accept(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (piece) => {
      this.#seen++;
      if (!this.#isReading) client.pause();
      this.#stalled ||= this.#point?.when(piece, this.#seen) ?? false;
      if (this.#delayMs === 0) this.#pass('request', () => server.write(piece));
      else setTimeout(() => this.#pass('request', () => server.write(piece)), this.#delayMs);
    });
    server.on('data', (piece) => this.#pass('reply', () => client.write(piece)));
  }

  #pass(side: StallPoint['side'], pass: () => void): void {
    if (this.#stalled && side === this.#point?.side) this.#delayed.push(pass);
    else pass();
  }
}
