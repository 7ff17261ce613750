/** Data that was typed into the form, while a frame shows it. It is in memory only, and only the latest of it. */
import { randomBytes } from 'node:crypto';

const maxDrafts = 32;

export class Drafts {
  readonly #drafts = new Map<string, Record<string, unknown>>();

  /** @returns its id, which nobody can guess: the URL of a frame names it */
  add(data: Record<string, unknown>): string {
    const id = randomBytes(12).toString('base64url');
    this.#drafts.set(id, data);
    const [oldest] = this.#drafts.keys();
    if (this.#drafts.size > maxDrafts && oldest !== undefined) this.#drafts.delete(oldest);
    return id;
  }

  find(id: string): Record<string, unknown> | undefined {
    return this.#drafts.get(id);
  }
}
