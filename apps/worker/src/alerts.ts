import type { Logger } from '@posthouse/runtime';

/** The same alert is written at most that often, in ms. */
const every = 60_000;

/** Writes what somebody should look at, without a line for each of a thousand mails. */
export class Alerts {
  readonly #log: Logger;
  readonly #last = new Map<string, { at: number; since: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param about what it is, in the words of the verdict table */
  raise(provider: string, reason: string, about: string): void {
    const key = `${provider} ${about}`;
    const last = this.#last.get(key);
    if (last !== undefined && Date.now() - last.at < every) {
      last.since++;
      return;
    }
    this.#last.set(key, { at: Date.now(), since: 0 });
    this.#log.error({ provider, reason, ...(last !== undefined && { more: last.since }) }, `provider ${provider}: ${about}`);
  }
}
