import { Readable } from 'node:stream';
import type { Gate } from '@posthouse/contract';

/** The gate did not open; nothing of the message went out. */
export class GateDenied extends Error {
  override readonly name = 'GateDenied';
  readonly code = 'EGATEDENIED';
}

/**
 * The message's bytes as a stream, because a stream has what a Buffer lacks: nodemailer reads it for the first time
 * after the server's 354. That is the moment for the gate, and behind it a silence means that nobody knows.
 */
export class MessageBody extends Readable {
  readonly #bytes: Buffer;
  readonly #gate: Gate;
  #began = false;

  constructor(bytes: Buffer, gate: Gate) {
    super();
    this.#bytes = bytes;
    this.#gate = gate;
  }

  /** True once the gate has let the message go out. */
  get began(): boolean {
    return this.#began;
  }

  override _read(): void {
    void this.#gate().then((answer) => {
      if (this.destroyed) return;
      if (answer.kind !== 'open') {
        this.destroy(new GateDenied(answer.kind === 'denied' ? answer.why : answer.kind));
        return;
      }
      this.#began = true;
      this.push(this.#bytes);
      this.push(null);
    });
  }
}
