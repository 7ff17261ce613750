/** Renders the messages of mails from their records. */
import { type KeptContent, MailFailure, type MailRecord, type Retention, type Timings } from '@posthouse/contract';
import { type OutgoingMessage, outgoingMessage } from '@posthouse/delivery';
import type { LiveTemplateSet } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { keptContent } from './kept-content.ts';

/** The template set of the worker. */
type TemplateSet = Pick<LiveTemplateSet<Renderer>, 'current' | 'refused'>;

/** One renderer after another, as the template set of the worker is replaced. */
export class MessageRenderers {
  readonly #set: TemplateSet;
  readonly #timings: Timings['reply'];
  readonly #retention: Retention;
  #current: { of: Renderer; renderer: MessageRenderer } | undefined;

  /** @param timings how long a rollout of another template set may take */
  constructor(set: TemplateSet, timings: Timings['reply'], retention: Retention) {
    this.#set = set;
    this.#timings = timings;
    this.#retention = retention;
  }

  /** That of the set in use. */
  get current(): MessageRenderer {
    const of = this.#set.current;
    if (this.#current?.of !== of)
      this.#current = { of, renderer: new MessageRenderer(of, this.#timings, this.#retention, () => this.#set.refused?.hash) };
    return this.#current.renderer;
  }
}

/** Renders with one template set. */
export class MessageRenderer {
  readonly #renderer: Renderer;
  readonly #refused: () => string | undefined;
  readonly #timings: Timings['reply'];
  readonly #retention: Retention;
  /** When a mail of another template set was first found that this one cannot render, by the other set's hash. */
  readonly #foreignSince = new Map<string, number>();

  /** @param refused the hash of a set that the worker refused */
  constructor(renderer: Renderer, timings: Timings['reply'], retention: Retention, refused: () => string | undefined) {
    this.#refused = refused;
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
      if (!(error instanceof MailFailure)) throw error;
      const { templatesHash = this.hash } = record;
      if (templatesHash === this.hash) throw error;
      // It was accepted with another template set: a worker that has that set, or this one once it has loaded it, can render it.
      const message = `${error.message} ${this.#describeOther(templatesHash)}`;
      if (!this.#isRollingOut(templatesHash)) throw new MailFailure('FAIL', error.reason, message, { cause: error });
      throw new MailFailure('DEFER', error.reason, message, { cause: error, waitMs: this.#timings.rollout });
    }
  }

  /** What is kept of a mail's content once it is sent; undefined for nothing. */
  keptContent({ content }: MailRecord): KeptContent | undefined {
    return content && keptContent(content, this.#renderer, this.#retention);
  }

  #describeOther(hash: string): string {
    const sets = `The mail was accepted with template set ${hash}; this worker has ${this.hash}`;
    return this.#refused() === hash ? `${sets} and refused that one: see its log.` : `${sets}.`;
  }

  #isRollingOut(hash: string): boolean {
    const since = this.#foreignSince.get(hash) ?? Date.now();
    this.#foreignSince.set(hash, since);
    return Date.now() - since <= this.#timings.rolloutMax;
  }
}
