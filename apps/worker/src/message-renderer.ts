/** The messages of mails: what a record says, rendered. */
import { MailFailure, type MailRecord, type Timings } from '@posthouse/contract';
import { type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import type { Renderer } from '@posthouse/templates/render';

/** Makes messages with one set of templates. */
export class MessageRenderer {
  readonly #renderer: Renderer;
  readonly #timings: Timings['reply'];
  /** When a mail of another set was first met that this set cannot render, by that set's hash. */
  readonly #foreignSince = new Map<string, number>();

  /** @param waits how long a set may be missing while it is rolled out */
  constructor(renderer: Renderer, timings: Timings['reply']) {
    this.#renderer = renderer;
    this.#timings = timings;
  }

  /** Names the template set. */
  get hash(): string {
    return this.#renderer.hash;
  }

  /** @throws MailFailure when there is no message to be made of the record */
  render(record: MailRecord): OutgoingMessage {
    const { content } = record;
    if (content === undefined) throw new MailFailure('FAIL', 'content-missing', 'the record no longer holds what the mail says');
    try {
      return outgoingMessage(record, this.#renderer.renderContent(content));
    } catch (error) {
      if (!(error instanceof MailFailure) || !this.#isRollingOut(record.templatesHash)) throw error;
      // It was accepted under another set: a worker that has that set, or this one once it was replaced, can render it.
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
