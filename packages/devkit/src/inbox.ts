/**
 * What an SMTP server has taken: the messages, and how often each reached each recipient. The counts
 * are what a test trusts when it asks whether a mail was lost or sent twice.
 */

/** One message that was accepted. */
export interface ReceivedMessage {
  /** Unique within its server; the reply to the dot names it. */
  id: string;
  /** The envelope's sender; empty for a bounce. */
  from: string;
  /** The envelope's recipients, domains in ASCII. */
  to: string[];
  /** The message as it came, without dot-stuffing. */
  raw: Buffer;
  /** The Message-ID header with its angle brackets; empty when there is none. */
  messageId: string;
  /** When it was accepted, ms since the epoch. */
  at: number;
  /** The same for all messages of one connection. */
  sessionId: string;
  /** Who had logged in on that connection; empty when nobody had. */
  authUser: string;
}

/** Which message to wait for, and how long. */
export interface MessageWait {
  /** Which one; any by default. */
  where?: (message: ReceivedMessage) => boolean;
  /** 10 s by default. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;

/** The messages of one server; they outlive its restarts. */
export class Inbox {
  /** Oldest first. Stays empty when nothing is kept. */
  readonly messages: ReceivedMessage[] = [];
  /** How often a message reached a recipient, by `<message-id> recipient`. */
  readonly arrivals = new Map<string, number>();
  readonly #keep: boolean;
  readonly #listeners = new Set<(message: ReceivedMessage) => void>();
  readonly #handedOut = new WeakSet<ReceivedMessage>();
  #received = 0;

  /** @param keep false where thousands of messages only need to be counted */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** How many messages were accepted, kept or not. */
  get received(): number {
    return this.#received;
  }

  receive(message: ReceivedMessage): void {
    this.#received += 1;
    for (const recipient of message.to) {
      const arrival = `${message.messageId} ${recipient}`;
      this.arrivals.set(arrival, (this.arrivals.get(arrival) ?? 0) + 1);
    }
    if (this.#keep) this.messages.push(message);
    for (const listener of [...this.#listeners]) listener(message);
  }

  /** Calls back for every message from now on. Returns what ends that. */
  onMessage(listener: (message: ReceivedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The oldest message that fits and that no earlier call was given; waits for it if need be.
   * Where messages are not kept, only those that arrive during the call.
   *
   * @throws when none has arrived in time
   */
  async nextMessage({ where = () => true, timeoutMs = defaultTimeoutMs }: MessageWait = {}): Promise<ReceivedMessage> {
    const take = (message: ReceivedMessage) => {
      if (this.#handedOut.has(message) || !where(message)) return undefined;
      this.#handedOut.add(message);
      return message;
    };
    return this.messages.find(take) ?? this.#until(take, timeoutMs, 'The message that was waited for has not arrived');
  }

  /**
   * Timings until at least `count` messages have arrived since the server was made.
   *
   * @returns all messages so far
   * @throws when there are fewer in time
   */
  async waitForMessages(count: number, timeoutMs = defaultTimeoutMs): Promise<readonly ReceivedMessage[]> {
    const enough = () => (this.#received >= count ? this.messages : undefined);
    return enough() ?? this.#until(enough, timeoutMs, `Fewer than ${count} messages have arrived`);
  }

  /** The first result that `look` has for a message from now on. */
  #until<T>(look: (message: ReceivedMessage) => T | undefined, timeoutMs: number, otherwise: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = this.onMessage((message) => {
        const found = look(message);
        if (found === undefined) return;
        end();
        clearTimeout(timer);
        resolve(found);
      });
      const timer = setTimeout(() => {
        end();
        reject(new Error(`${otherwise} within ${timeoutMs} ms; ${this.#received} in all so far`));
      }, timeoutMs);
    });
  }
}
