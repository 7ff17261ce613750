/** The messages that the relay has accepted, newest first. The pages show them instead of passing them on. */
import { EventEmitter, once } from 'node:events';
import type { ReceivedMessage } from '@posthouse/devkit';
import { viewMessage } from '@posthouse/mailview';
import { RecentItems } from './recent-items.ts';

/** A message in the inbox. */
export interface ReceivedMail extends ReceivedMessage {
  /** Empty when the message has none, or cannot be parsed. */
  subject: string;
}

const maxMails = 500;

/** Emits `arrival` after each message that was added. */
export class Inbox extends EventEmitter<{ arrival: [ReceivedMail] }> {
  readonly #mails = new RecentItems<ReceivedMail>(maxMails);
  #receivedCount = 0;

  constructor() {
    super();
    this.setMaxListeners(0); // one for each open page
  }

  /** Number of messages received so far, including dropped ones. It changes whenever the list does. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  async receive(message: ReceivedMessage): Promise<void> {
    // A message that cannot be parsed is listed all the same; its source can be viewed.
    const subject = await viewMessage(message.raw).then(
      (view) => view.subject,
      () => '',
    );
    const mail = { ...message, subject };
    this.#mails.add(mail);
    this.#receivedCount += 1;
    this.emit('arrival', mail);
  }

  /** Whether older messages were dropped. */
  get hasDropped(): boolean {
    return this.#receivedCount > maxMails;
  }

  /** Newest first. */
  list(): ReceivedMail[] {
    return this.#mails.list();
  }

  find(id: string): ReceivedMail | undefined {
    return this.#mails.find(id);
  }

  /** @param messageId with its angle brackets */
  findByMessageId(messageId: string): ReceivedMail | undefined {
    return this.#mails.list().find((mail) => mail.messageId === messageId);
  }

  /**
   * Waits until the message with this Message-ID has arrived.
   * @throws AbortError when the signal ends the wait
   */
  async waitFor(messageId: string, signal: AbortSignal): Promise<ReceivedMail> {
    for (;;) {
      const mail = this.findByMessageId(messageId);
      if (mail !== undefined) return mail;
      await once(this, 'arrival', { signal });
    }
  }
}
