/** What a filter offers to choose from: the templates of this process, and what the newest mails have. Read at most once a minute. */
import type { MailList, MailNames } from '@posthouse/queue';

/** The names that the newest mails have, shared by all users of this process. */
export class FilterChoices {
  readonly #list: MailList;
  readonly #templates: () => Iterable<string>;
  readonly #keepMs: number;
  #reading: Promise<MailNames> | undefined;
  #readAt = 0;

  /** @param templates those of the template set in use @param keepMs until the mails are read again */
  constructor(list: MailList, templates: () => Iterable<string>, keepMs: number) {
    this.#list = list;
    this.#templates = templates;
    this.#keepMs = keepMs;
  }

  /** Templates are those of the set and those of mails that have none in it any more. @throws QueueUnavailable */
  async get(): Promise<MailNames> {
    if (this.#reading === undefined || Date.now() - this.#readAt >= this.#keepMs) {
      this.#readAt = Date.now();
      this.#reading = this.#read().catch((error) => {
        this.#reading = undefined;
        throw error;
      });
    }
    return await this.#reading;
  }

  async #read(): Promise<MailNames> {
    const names = await this.#list.names();
    return { ...names, templates: [...new Set([...this.#templates(), ...names.templates])] };
  }
}
