/** Logs what needs an operator, without a line for each of a thousand mails. */
import type { Logger } from '@posthouse/runtime';

/** The alerts of one worker. */
export class Alerts {
  readonly #intervalMs: number;
  readonly #log: Logger;
  readonly #last = new Map<string, { at: number; suppressed: number }>();

  /** @param intervalMs the same alert is logged once in this time, in ms */
  constructor(intervalMs: number, log: Logger) {
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  /** @param meaning what happened, as the verdict table says it */
  raise(provider: string, reason: string, meaning: string): void {
    const key = `${provider} ${meaning}`;
    const last = this.#last.get(key);
    if (last !== undefined && Date.now() - last.at < this.#intervalMs) {
      last.suppressed++;
      return;
    }
    this.#last.set(key, { at: Date.now(), suppressed: 0 });
    this.#log.error({ provider, reason, meaning, ...(last !== undefined && { suppressed: last.suppressed }) }, 'provider alert');
  }
}
