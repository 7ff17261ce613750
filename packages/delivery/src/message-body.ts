/** The body of a message, which asks the gate before its first byte is sent. */
import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { type Gate, type GateResult, limits } from '@posthouse/contract';
import { WaitAborted } from './abortable.ts';
import { dotStuffed, endOfMessage } from './dot-stuffing.ts';

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
  /** Writes a block to the server. @param written called when the system has taken it */
  write: (block: readonly Buffer[], isLast: boolean, written: () => void) => void;
}

/**
 * The message's bytes. To nodemailer it looks like a stream, because a stream is connected to the server after the server's 354, which is
 * the moment to ask the gate; a Buffer would have no such moment. Once the gate is open, a missing reply means that the outcome is
 * unknown. The bytes are written in blocks, the next one when the system has taken the one before. They do not pass through a stream: one
 * write of a block costs a fraction of the CPU time.
 */
export class MessageBody extends EventEmitter {
  readonly #bytes: Buffer;
  readonly #hooks: BodyHooks;
  #isAtGate = false;
  #started = false;
  #destroyed = false;

  constructor(bytes: Buffer, hooks: BodyHooks) {
    super();
    this.#bytes = bytes;
    this.#hooks = hooks;
  }

  /** As nodemailer takes it. */
  get asStream(): Readable {
    return this as unknown as Readable;
  }

  /** True once the gate has been asked. */
  get isAtGate(): boolean {
    return this.#isAtGate;
  }

  /** True once the gate has opened and bytes of the message are being sent. */
  get started(): boolean {
    return this.#started;
  }

  /** Called by nodemailer after the 354. @param encoder nodemailer's own stream to the server, which is not used */
  pipe(encoder: Readable): void {
    encoder.unpipe();
    this.#isAtGate = true;
    void this.#hooks.gate().then((result) => this.#start(result));
  }

  /** Called by nodemailer when the message cannot be sent, or no longer. */
  destroy(): void {
    this.#destroyed = true;
  }

  #start(result: GateResult): void {
    if (this.#destroyed) return;
    if (result.kind !== 'open') {
      this.emit('error', new GateDenied(result));
      return;
    }
    this.#started = true;
    this.#writeFrom(0);
  }

  #writeFrom(start: number): void {
    if (this.#destroyed) return;
    this.#hooks.onBlock();
    const end = Math.min(start + limits.messageBlockBytes, this.#bytes.length);
    const block = dotStuffed(this.#bytes, start, end);
    if (end === this.#bytes.length) this.#hooks.write([block, endOfMessage(this.#bytes)], true, () => undefined);
    else this.#hooks.write([block], false, () => this.#writeFrom(end));
  }
}
