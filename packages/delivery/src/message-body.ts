import { Readable } from 'node:stream';

/**
 * The message's bytes as a stream, because a stream has what a Buffer lacks: nodemailer reads it for the first time
 * after the server's 354, so it knows whether the message began to go out. That decides what a silence means.
 */
export class MessageBody extends Readable {
  readonly #bytes: Buffer;
  #began = false;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  /** True once the first byte was asked for. */
  get began(): boolean {
    return this.#began;
  }

  override _read(): void {
    this.#began = true;
    this.push(this.#bytes);
    this.push(null);
  }
}
