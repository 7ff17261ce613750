/** What has arrived at the relay, newest first, for people to look at. */
import { EventEmitter, once } from 'node:events';
import type { ReceivedMessage } from '@posthouse/devkit';
import { viewMessage } from '@posthouse/mailview';
import { RecentItems } from './recent-items.ts';

/** A message in the inbox, with what its line in the list shows. */
export interface ArrivedMail extends ReceivedMessage {
  /** Empty when the message has none, or cannot be read. */
  subject: string;
}

const max = 500;

/** Emits `arrival` after each message that was added. */
export class Inbox extends EventEmitter<{ arrival: [ArrivedMail] }> {
  readonly #mails = new RecentItems<ArrivedMail>(max);
  #received = 0;

  constructor() {
    super();
    this.setMaxListeners(0); // one for each open page
  }

  /** How many have arrived, kept or not. When it has changed, so has the list. */
  get received(): number {
    return this.#received;
  }

  async receive(message: ReceivedMessage): Promise<void> {
    // A message too strange to be taken apart has arrived all the same; its source can still be looked at.
    const subject = await viewMessage(message.raw).then(
      (view) => view.subject,
      () => '',
    );
    const mail = { ...message, subject };
    this.#mails.add(mail);
    this.#received += 1;
    this.emit('arrival', mail);
  }

  /** Newest first. */
  list(): ArrivedMail[] {
    return this.#mails.list();
  }

  find(id: string): ArrivedMail | undefined {
    return this.#mails.find(id);
  }

  /** @param messageId with its angle brackets */
  findByMessageId(messageId: string): ArrivedMail | undefined {
    return this.#mails.list().find((mail) => mail.messageId === messageId);
  }

  /**
   * The mail with that Message-ID, as soon as it is here.
   * @throws AbortError when the signal ends the wait
   */
  async arrivalOf(messageId: string, signal: AbortSignal): Promise<ArrivedMail> {
    for (;;) {
      const mail = this.findByMessageId(messageId);
      if (mail !== undefined) return mail;
      await once(this, 'arrival', { signal });
    }
  }
}
