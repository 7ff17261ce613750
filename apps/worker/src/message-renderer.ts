/** Renders the messages of mails from their records. */
import { MailFailure, type MailRecord, type Timings } from '@posthouse/contract';
import { type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import type { Renderer } from '@posthouse/templates/render';

/** Renders with one template set. */
export class MessageRenderer {
  readonly #renderer: Renderer;
  readonly #timings: Timings['reply'];
  /** When a mail of another template set was first found that this one cannot render, by the other set's hash. */
  readonly #foreignSince = new Map<string, number>();

  /** @param timings how long a rollout of another template set may take */
  constructor(renderer: Renderer, timings: Timings['reply']) {
    this.#renderer = renderer;
    this.#timings = timings;
  }

  /** Identifies the template set. */
  get hash(): string {
    return this.#renderer.hash;
  }

  /** @throws MailFailure when the record cannot be rendered */
  render(record: MailRecord): OutgoingMessage {
    const { content } = record;
    if (content === undefined) throw new MailFailure('FAIL', 'content-missing', 'the record no longer has the content of the mail');
    try {
      return outgoingMessage(record, this.#renderer.renderContent(content));
    } catch (error) {
      if (!(error instanceof MailFailure) || !this.#isRollingOut(record.templatesHash)) throw error;
      // It was accepted under another template set: a worker that has that set, or this one once it is replaced, can render it.
      throw new MailFailure('DEFER', error.reason, error.message, { cause: error, waitMs: this.#timings.rollout });
    }
  }

  #isRollingOut(hash = this.hash): boolean {
    if (hash === this.hash) return false;
    const since = this.#foreignSince.get(hash) ?? Date.now();
    this.#foreignSince.set(hash, since);
    return Date.now() - since <= this.#timings.rolloutMax;
  }
}
