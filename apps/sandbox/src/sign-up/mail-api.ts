/**
 * What a back-end needs to send mail through Posthouse: the client, which repeats a request until it is answered, and the status of a mail
 * for a page that follows it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type MailRecord, Posthouse } from '@posthouse/client';
import { isFinal, type Timings } from '@posthouse/contract';
import type { Templates } from './template-data.ts';

/** The status of a mail, or why it could not be read. */
export type StatusResult = MailRecord | { error: string };

/** URL of the API, and a key for it. */
export interface ApiAccess {
  url: string;
  key: string;
}

/** A client of the HTTP API. */
export class MailApi {
  readonly #access: () => ApiAccess;
  readonly #timings: Timings['sandbox'];

  /** @param access called for each request: the port is known only once the API is up */
  constructor(access: () => ApiAccess, timings: Timings['sandbox']) {
    this.#access = access;
    this.#timings = timings;
  }

  get client(): Posthouse<Templates> {
    const { apiRequest, apiTries } = this.#timings;
    return new Posthouse<Templates>({ ...this.#access(), tryTimeoutMs: apiRequest, timeoutMs: apiTries });
  }

  /** Reads the status of a mail. Never throws. */
  status(id: string): Promise<StatusResult> {
    // It is read again anyway, or the page is loaded again.
    return this.client.mails.get(id, { timeoutMs: this.#timings.apiRequest }).catch((error: Error) => ({ error: error.message }));
  }

  /**
   * Polls the status of a mail and yields it whenever it has changed, until the mail has ended.
   * @throws AbortError when the signal ends it
   */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<StatusResult> {
    const { initial, max } = this.#timings.mailPoll;
    let previous = '';
    for (let intervalMs = initial; ; intervalMs = Math.min(intervalMs * 2, max)) {
      const status = await this.status(id);
      const current = JSON.stringify(status);
      if (current !== previous) yield status;
      if (hasEnded(status)) return;
      previous = current;
      await wait(intervalMs, undefined, { signal });
    }
  }
}

/** True when the status will not change any more. */
export function hasEnded(status: StatusResult): boolean {
  return 'state' in status && isFinal(status.state);
}

/** ms from the API's acceptance of a mail to the relay's. Both times are ISO 8601. */
export function sentAfterMs(createdAt: string, sentAt: string): number {
  return Date.parse(sentAt) - Date.parse(createdAt);
}

/** The relay's last reply, or the reason code where there was none. */
export function lastReply({ receipt, attempts, lastDeferral }: MailRecord): string | undefined {
  return receipt?.response ?? attempts?.at(-1)?.reason ?? lastDeferral?.reason;
}
