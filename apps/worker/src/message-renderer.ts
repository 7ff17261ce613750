/** Renders the messages of mails from their records. */
import { type KeptContent, MailFailure, type MailRecord, type Retention, type Timings } from '@posthouse/contract';
import { type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import type { Renderer } from '@posthouse/templates/render';
import { keptContent } from './kept-content.ts';

/** Renders with one template set. */
export class MessageRenderer {
  readonly #renderer: Renderer;
  readonly #timings: Timings['reply'];
  readonly #retention: Retention;
  /** When a mail of another template set was first found that this one cannot render, by the other set's hash. */
  readonly #foreignSince = new Map<string, number>();

  /** @param timings how long a rollout of another template set may take */
  constructor(renderer: Renderer, timings: Timings['reply'], retention: Retention) {
    this.#renderer = renderer;
    this.#timings = timings;
    this.#retention = retention;
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

  /** What is kept of a mail's content once it is sent; undefined for nothing. */
  keptContent({ content }: MailRecord): KeptContent | undefined {
    return content && keptContent(content, this.#renderer, this.#retention);
  }

  #isRollingOut(hash = this.hash): boolean {
    if (hash === this.hash) return false;
    const since = this.#foreignSince.get(hash) ?? Date.now();
    this.#foreignSince.set(hash, since);
    return Date.now() - since <= this.#timings.rolloutMax;
  }
}
