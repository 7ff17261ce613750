/** The messages of mails: what a record says, rendered. */
import { type MailContent, MailFailure, type MailRecord, type Waits } from '@posthouse/contract';
import type { OutgoingMessage } from '@posthouse/delivery';
import { type RenderedMail, type Renderer, textOf } from '@posthouse/templates/render';

/** Makes messages with one set of templates. */
export class Messages {
  readonly #renderer: Renderer;
  readonly #waits: Waits['reply'];
  /** When a mail of another set was first met that this set cannot render, by that set's hash. */
  readonly #foreignSince = new Map<string, number>();

  /** @param waits how long a set may be missing while it is rolled out */
  constructor(renderer: Renderer, waits: Waits['reply']) {
    this.#renderer = renderer;
    this.#waits = waits;
  }

  /** Names the template set. */
  get hash(): string {
    return this.#renderer.hash;
  }

  /** @throws MailFailure when there is no message to be made of the record */
  make(record: MailRecord): OutgoingMessage {
    const { content, envelope } = record;
    if (content === undefined) throw new MailFailure('FAIL', 'content', 'the record no longer holds what the mail says');
    const said = content.template === undefined ? content.written : this.#rendered(content.template, record);
    if (said === undefined) throw new MailFailure('FAIL', 'content', 'the record names neither a template nor a content');
    const text = said.text ?? (said.html === undefined ? undefined : textOf(said.html));
    return {
      messageId: record.messageId,
      date: new Date(record.dueAt),
      from: envelope.from,
      to: envelope.to,
      cc: envelope.cc,
      replyTo: envelope.replyTo,
      subject: said.subject,
      ...(said.html !== undefined && { html: said.html }),
      ...(text !== undefined && { text }),
      attachments: content.attachments,
      headers: content.headers,
    };
  }

  #rendered(template: NonNullable<MailContent['template']>, record: MailRecord): RenderedMail {
    try {
      return this.#checkedAndRendered(template);
    } catch (error) {
      if (!(error instanceof MailFailure) || !this.#isRollingOut(record.templatesHash)) throw error;
      // It was accepted under another set: a worker that has that set, or this one once it was replaced, can render it.
      throw new MailFailure('DEFER', error.reason, error.message, { cause: error, waitMs: this.#waits.rollout });
    }
  }

  #isRollingOut(hash = this.hash): boolean {
    if (hash === this.hash) return false;
    const since = this.#foreignSince.get(hash) ?? Date.now();
    this.#foreignSince.set(hash, since);
    return Date.now() - since <= this.#waits.rolloutMost;
  }

  /** The data was checked at acceptance, but queues outlive deploys: the template may have changed since. */
  #checkedAndRendered({ name, data, locale }: NonNullable<MailContent['template']>): RenderedMail {
    const { catalogue } = this.#renderer;
    const faults = catalogue.templates.has(name) ? catalogue.check(name, data) : [];
    if (faults.length === 0) return this.#renderer.render(name, data, locale);
    const list = faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new MailFailure('FAIL', 'template-data', `the data no longer fits the template ${name}: ${list}`);
  }
}
