/** The body of a message, which asks the gate before its first byte is sent. */
import { Readable } from 'node:stream';
import { type Gate, type GateResult, limits } from '@posthouse/contract';
import { WaitAborted } from './abortable.ts';

/** The gate did not open, or the lease was lost or the worker stopped before it was asked: nothing of the message was sent. */
export class GateDenied extends Error {
  override readonly name = 'GateDenied';
  readonly result: Exclude<GateResult, { kind: 'open' }> | { kind: 'worker-stopping' };

  constructor(result: GateDenied['result']) {
    super(result.kind === 'denied' ? result.why : new WaitAborted(result.kind).message);
    this.result = result;
  }
}

/** What a body needs besides its bytes. */
interface BodyHooks {
  /** Called once, before the first block. */
  gate: () => ReturnType<Gate>;
  /** Called before each block. */
  onBlock: () => void;
}

/**
 * The message's bytes as a stream. nodemailer first reads a stream after the server's 354, which is the moment to ask the gate; a Buffer
 * would have no such moment. Once the gate is open, a missing reply means that the outcome is unknown. The bytes come in blocks, the next
 * one when the server has taken those before, but for what is buffered on the way.
 */
export class MessageBody extends Readable {
  readonly #bytes: Buffer;
  readonly #hooks: BodyHooks;
  #isAtGate = false;
  #started = false;
  #offset = 0;

  constructor(bytes: Buffer, hooks: BodyHooks) {
    super();
    this.#bytes = bytes;
    this.#hooks = hooks;
  }

  /** True once the gate has been asked. */
  get isAtGate(): boolean {
    return this.#isAtGate;
  }

  /** True once the gate has opened and bytes of the message are being sent. */
  get started(): boolean {
    return this.#started;
  }

  override _read(): void {
    if (this.#started) {
      this.#pushBlock();
      return;
    }
    this.#isAtGate = true;
    void this.#hooks.gate().then((result) => this.#start(result));
  }

  #start(result: GateResult): void {
    if (this.destroyed) return;
    if (result.kind !== 'open') {
      this.destroy(new GateDenied(result));
      return;
    }
    this.#started = true;
    this.#pushBlock();
  }

  #pushBlock(): void {
    this.#hooks.onBlock();
    const end = this.#offset + limits.messageBlockBytes;
    this.push(this.#bytes.subarray(this.#offset, end));
    this.#offset = end;
    if (end >= this.#bytes.length) this.push(null);
  }
}
