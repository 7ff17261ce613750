/**
 * What a back-end needs to send mail through Posthouse: one request that hands a mail over, and one that reads its status.
 * Neither is repeated here: what to do about a failure is the caller's decision.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { isFinal, type Mail, type MailState, type Timings } from '@posthouse/contract';

/** The answer of `GET /v1/mails/{id}`, as far as it is used here. */
export interface MailStatus {
  id: string;
  /** `sent` means that the relay accepted it. */
  state: MailState;
  messageId: string;
  /** ISO 8601. */
  createdAt: string;
  nextAttemptAt?: string;
  recipients: { address: string; state: string; reason?: string }[];
  attempts: { reason: string }[];
  lastDeferral?: { reason: string };
  /** The time at which the relay accepted it (ISO 8601), and its reply. */
  receipt?: { at: string; provider: string; response: string };
}

/** The status of a mail, or why it could not be read. */
export type StatusResult = MailStatus | { error: string };

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

  /**
   * Hands a mail over.
   * @param idempotencyKey the same key within 24 hours does not send again
   * @returns the mail's id
   * @throws with the reason when the mail was not accepted, or when that is unknown
   */
  async send(mail: Mail, idempotencyKey: string): Promise<string> {
    const { id } = await this.#request<{ id: string }>('/v1/mails', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(mail),
    });
    return id;
  }

  /** Reads the status of a mail. Never throws. */
  status(id: string): Promise<StatusResult> {
    return this.#request<MailStatus>(`/v1/mails/${id}`).catch((error: Error) => ({ error: error.message }));
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

  async #request<T>(path: string, request: RequestInit = {}): Promise<T> {
    const { url, key } = this.#access();
    const { apiRequest } = this.#timings;
    const response = await fetch(url + path, {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(apiRequest),
    }).catch((error: Error) => {
      throw new Error(`Posthouse cannot be reached: ${reasonOf(error, apiRequest)}`);
    });
    const answer = (await response.json()) as T & { title?: string; detail?: string };
    if (!response.ok) throw new Error(`Posthouse answered ${response.status}: ${answer.title}. ${answer.detail}`);
    return answer;
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
export function lastReply({ receipt, attempts, lastDeferral }: MailStatus): string | undefined {
  return receipt?.response ?? attempts.at(-1)?.reason ?? lastDeferral?.reason;
}

/** Node puts the reason for a failed request into the cause of its error. */
function reasonOf(error: Error, timeoutMs: number): string {
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
