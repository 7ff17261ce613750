/** How many connections a process has, of each address and each API key, and how late it answers those who guess keys. */
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { limits, type SubmissionTimings } from '@posthouse/contract';

/** Counts connections and wrong API keys. Both servers of a process share it. */
export class ConnectionLimits {
  readonly #timings: SubmissionTimings;
  readonly #ofAddresses = new Counts();
  readonly #ofKeys = new Counts();
  /** Connections beyond those of their address: `address port`. */
  readonly #over = new Set<string>();
  readonly #wrongKeys = new Map<string, { count: number; at: number }>();
  /** What to do when a connection closes. */
  readonly #open = new WeakMap<Socket, () => void>();
  #all = 0;

  constructor(timings: SubmissionTimings) {
    this.#timings = timings;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#all;
  }

  /** Counts a connection until it closes. @returns false where it has to be closed at once, without TLS and a reply, which would cost more */
  admit(socket: Socket): boolean {
    const { connections, connectionsPerAddress, refusedPerAddress } = limits.submission;
    const { remoteAddress: address = '', remotePort } = socket;
    const ofAddress = this.#ofAddresses.of(address);
    if (this.#all >= connections || ofAddress >= connectionsPerAddress + refusedPerAddress) return false;
    this.#all += 1;
    this.#ofAddresses.add(address);
    const name = `${address} ${remotePort}`;
    if (ofAddress >= connectionsPerAddress) this.#over.add(name);
    this.#open.set(socket, () => {
      this.#open.delete(socket);
      this.#all -= 1;
      this.#ofAddresses.remove(address);
      this.#over.delete(name);
    });
    this.watch(socket);
    return true;
  }

  /** Waits for the end of a connection that was admitted: again, where its listeners have been removed. */
  watch(socket: Socket): void {
    socket.once('close', () => this.#open.get(socket)?.());
  }

  /** Whether its address had as many connections as it may when this one came: `admit` lets some in to be refused with a reply. */
  isOver({ remoteAddress = '', remotePort }: Socket): boolean {
    return this.#over.has(`${remoteAddress} ${remotePort}`);
  }

  /** Counts a login until `logOut`. @returns false where the key has as many as it may */
  logIn(key: string): boolean {
    if (this.#ofKeys.of(key) >= limits.submission.connectionsPerKey) return false;
    this.#ofKeys.add(key);
    return true;
  }

  logOut(key: string): void {
    this.#ofKeys.remove(key);
  }

  /** Waits after a wrong key: the longer the more of them came from the address. */
  async slowDown(address: string): Promise<void> {
    const { wrongKey, wrongKeyMemory } = this.#timings;
    const now = performance.now();
    const before = this.#wrongKeys.get(address);
    const count = before === undefined || now - before.at > wrongKeyMemory ? 1 : before.count + 1;
    this.#wrongKeys.delete(address);
    this.#wrongKeys.set(address, { count, at: now });
    // The address whose latest one is the longest ago is forgotten.
    if (this.#wrongKeys.size > limits.submission.countedAddresses) this.#wrongKeys.delete(this.#wrongKeys.keys().next().value ?? '');
    await setTimeout(Math.min(wrongKey.initial * 2 ** (count - 1), wrongKey.max), undefined, { ref: false });
  }
}

/** Numbers by name; none is 0. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  remove(name: string): void {
    const left = this.of(name) - 1;
    if (left > 0) this.#counts.set(name, left);
    else this.#counts.delete(name);
  }
}
