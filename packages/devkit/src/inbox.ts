/**
 * What an SMTP server has accepted: the messages, and how often each was delivered to each recipient. From these counts a test knows
 * whether a mail was lost or sent twice.
 */

/** One message that was accepted. */
export interface ReceivedMessage {
  /** Unique for its server, and part of the reply to the message. */
  id: string;
  /** The envelope sender; empty for a bounce. */
  from: string;
  /** The envelope recipients, with domains in ASCII. */
  to: string[];
  /** The message as received, without dot-stuffing. */
  raw: Buffer;
  /** The Message-ID header with angle brackets; empty when there is none. */
  messageId: string;
  /** When it was accepted, ms since the epoch. */
  at: number;
  /** Equal for all messages of one connection. */
  sessionId: string;
  /** The user that had logged in on the connection; empty without a login. */
  authUser: string;
}

/** Which message to wait for. */
export interface MessageWait {
  /** Any message by default. */
  where?: (message: ReceivedMessage) => boolean;
  /** ms; 10,000 by default. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;

/** The messages of one server, kept across its restarts. */
export class Inbox {
  /** Oldest first; empty when messages are not kept. */
  readonly messages: ReceivedMessage[] = [];
  /** How often a message was accepted for a recipient, by `<message-id> recipient`. */
  readonly arrivals = new Map<string, number>();
  readonly #keep: boolean;
  readonly #listeners = new Set<(message: ReceivedMessage) => void>();
  readonly #returned = new WeakSet<ReceivedMessage>();
  #received = 0;

  /** @param keep false to count messages without keeping them, for thousands of messages */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** Number of accepted messages, whether kept or not. */
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

  /** Calls `listener` for each message from now on. @returns a function that unsubscribes it */
  onMessage(listener: (message: ReceivedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Waits for a message that matches and that no earlier call has returned, and returns the oldest. If messages are not kept,
   * only those that arrive during the call are considered.
   *
   * @throws when none arrives in time
   */
  async nextMessage({ where = () => true, timeoutMs = defaultTimeoutMs }: MessageWait = {}): Promise<ReceivedMessage> {
    const take = (message: ReceivedMessage) => {
      if (this.#returned.has(message) || !where(message)) return undefined;
      this.#returned.add(message);
      return message;
    };
    return this.messages.find(take) ?? this.#until(take, timeoutMs, 'No matching message has arrived');
  }

  /**
   * Waits until at least `count` messages have arrived since the server was created.
   *
   * @returns all messages so far
   * @throws when fewer arrive in time
   */
  async waitForMessages(count: number, timeoutMs = defaultTimeoutMs): Promise<readonly ReceivedMessage[]> {
    const enough = () => (this.#received >= count ? this.messages : undefined);
    return enough() ?? this.#until(enough, timeoutMs, `Fewer than ${count} messages have arrived`);
  }

  /** Waits for the first message for which `select` returns a result. */
  #until<T>(select: (message: ReceivedMessage) => T | undefined, timeoutMs: number, failure: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const unsubscribe = this.onMessage((message) => {
        const found = select(message);
        if (found === undefined) return;
        unsubscribe();
        clearTimeout(timer);
        resolve(found);
      });
      const timer = setTimeout(() => {
        unsubscribe();
        reject(new Error(`${failure} within ${timeoutMs} ms; ${this.#received} in total so far`));
      }, timeoutMs);
    });
  }
}
