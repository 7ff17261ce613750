/** Takes the bytes of a message from its connection, within the memory that a process has for messages, and within time. */
import { limits, type SubmissionTimings } from '@posthouse/contract';
import type { SMTPServerDataStream } from 'smtp-server';
import { type Reply, replies } from './replies.ts';

/** A message that is in memory until `release` is called. */
export interface ReceivedMessage {
  bytes: Buffer;
  release: () => void;
}

type MessageBudget = typeof limits.submission.messages;

/** The memory for the messages of one process. */
export class MessageIntake {
  readonly #timings: SubmissionTimings;
  readonly #budget: MessageBudget;
  readonly #ofKeys = new Map<string, number>();
  #bytes = 0;

  constructor(timings: SubmissionTimings, budget: MessageBudget = limits.submission.messages) {
    this.#timings = timings;
    this.#budget = budget;
  }

  /**
   * Reads a message to its end. What is not wanted any more is read as well, but not kept.
   * @param key name of the API key
   * @param end ends the connection: where a message comes too slowly, or goes on far beyond its limit
   * @returns why there is no message; undefined where the connection has closed
   */
  async read(stream: SMTPServerDataStream, key: string, end: (reply: Reply) => void): Promise<ReceivedMessage | Reply | undefined> {
    const chunks: Buffer[] = [];
    let taken = 0;
    let refusal: Reply | undefined;
    const release = () => {
      this.#give(key, taken);
      taken = 0;
    };
    const refuse = (reply: Reply) => {
      refusal = reply;
      chunks.length = 0;
      release();
    };
    const stopTimers = this.#watch(stream, () => end(replies.tooSlow()));
    stream.on('data', (chunk: Buffer) => {
      if (stream.byteLength > 2 * limits.messageBytes) end(replies.tooLarge());
      if (refusal !== undefined) return;
      if (stream.sizeExceeded) refuse(replies.tooLarge());
      else if (!this.#take(key, chunk.length, taken + chunk.length)) refuse(replies.busy());
      else {
        taken += chunk.length;
        chunks.push(chunk);
      }
    });
    const hasEnded = await new Promise<boolean>((resolve) => {
      stream.once('end', () => resolve(true));
      // A connection that closes in the middle destroys the stream, with an error.
      stream.once('error', () => resolve(false));
      stream.once('close', () => resolve(false));
    });
    stopTimers();
    if (hasEnded && refusal === undefined) return { bytes: Buffer.concat(chunks), release };
    release();
    return hasEnded ? refusal : undefined;
  }

  /** Bytes of messages in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  #watch(stream: SMTPServerDataStream, onSlow: () => void): () => void {
    let before = 0;
    const progress = setInterval(() => {
      if (stream.byteLength - before < limits.bodyProgressBytes) onSlow();
      before = stream.byteLength;
    }, this.#timings.progress);
    const whole = setTimeout(onSlow, this.#timings.message);
    return () => {
      clearInterval(progress);
      clearTimeout(whole);
    };
  }

  /** @param total of this message, with `more` @returns false when that is more than there is, for all or for this key */
  #take(key: string, more: number, total: number): boolean {
    const { bytes, reserve, small, ofKey } = this.#budget;
    const used = this.#ofKeys.get(key) ?? 0;
    if (used + more > ofKey || this.#bytes + more > (total > small ? bytes - reserve : bytes)) return false;
    this.#ofKeys.set(key, used + more);
    this.#bytes += more;
    return true;
  }

  #give(key: string, bytes: number): void {
    this.#bytes -= bytes;
    const left = (this.#ofKeys.get(key) ?? 0) - bytes;
    if (left > 0) this.#ofKeys.set(key, left);
    else this.#ofKeys.delete(key);
  }
}
