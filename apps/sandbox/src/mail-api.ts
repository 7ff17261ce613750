/**
 * All that a back-end needs to send mail through Posthouse: one request that hands it over, and one that asks what
 * became of it. Both end soon; what to do when they fail is for the caller to say.
 */
import type { Mail, MailState } from '@posthouse/contract';

/** What `GET /v1/mails/{id}` answers, as far as it is read here. */
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
  /** When the relay accepted it, and its reply. */
  receipt?: { at: string; provider: string; response: string };
}

/** Where the API is, and the key to it. */
export interface ApiAccess {
  url: string;
  key: string;
}

/** ms; the API answers within one second even while Redis is away. */
const timeoutMs = 2000;

/** The HTTP API of Posthouse. */
export class MailApi {
  readonly #access: () => ApiAccess;

  /** @param access asked for at each request: a sandbox knows the API's port only once that is up */
  constructor(access: () => ApiAccess) {
    this.#access = access;
  }

  /**
   * Hands a mail over.
   * @param idempotencyKey what the mail is for: the same key again, within 24 hours, sends nothing twice
   * @returns its id
   * @throws with the reason in words when it was not accepted, or when nobody can tell
   */
  async send(mail: Mail, idempotencyKey: string): Promise<string> {
    const { id } = await this.#run<{ id: string }>('/v1/mails', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(mail),
    });
    return id;
  }

  /** @throws with the reason in words when there is no answer */
  read(id: string): Promise<MailStatus> {
    return this.#run<MailStatus>(`/v1/mails/${id}`);
  }

  async #run<T>(path: string, request: RequestInit = {}): Promise<T> {
    const { url, key } = this.#access();
    const response = await fetch(url + path, {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((error: Error) => {
      throw new Error(`Posthouse cannot be reached: ${reasonOf(error)}`);
    });
    const answer = (await response.json()) as T & { title?: string; detail?: string };
    if (!response.ok) throw new Error(`Posthouse answered ${response.status}: ${answer.title}. ${answer.detail}`);
    return answer;
  }
}

/** Node says what went wrong with a request in the cause of its error. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
