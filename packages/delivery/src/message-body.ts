/** The body of a message, which asks the gate before its first byte is sent. */
import { Readable } from 'node:stream';
import type { Gate, GateResult } from '@posthouse/contract';

/** The gate did not open, or the lease was lost before it was asked: nothing of the message was sent. */
export class GateDenied extends Error {
  override readonly name = 'GateDenied';
  readonly result: Exclude<GateResult, { kind: 'open' }>;

  constructor(result: GateDenied['result']) {
    super(result.kind === 'denied' ? result.why : 'another worker has the mail');
    this.result = result;
  }
}

/**
 * The message's bytes as a stream. nodemailer first reads a stream after the server's 354, which is the moment to ask the gate; a Buffer
 * would have no such moment. Once the gate is open, a missing reply means that the outcome is unknown.
 */
export class MessageBody extends Readable {
  readonly #bytes: Buffer;
  readonly #gate: () => ReturnType<Gate>;
  #started = false;

  constructor(bytes: Buffer, gate: () => ReturnType<Gate>) {
    super();
    this.#bytes = bytes;
    this.#gate = gate;
  }

  /** True once the gate has opened and bytes of the message are being sent. */
  get started(): boolean {
    return this.#started;
  }

  override _read(): void {
    void this.#gate().then((result) => {
      if (this.destroyed) return;
      if (result.kind !== 'open') {
        this.destroy(new GateDenied(result));
        return;
      }
      this.#started = true;
      this.push(this.#bytes);
      this.push(null);
    });
  }
}
