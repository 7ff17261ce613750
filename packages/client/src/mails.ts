/** The mails of the API: send, read, act. */
import { checkDate, invalidRequest, isBetween, wrongNumber } from './arguments.ts';
import { toBase64 } from './base64.ts';
import { PosthouseError } from './posthouse-error.ts';
import { type Connection, type RequestOptions, send } from './request.ts';
import type {
  AcceptedMail,
  ActionResult,
  Address,
  Attachment,
  ListedMail,
  Mail,
  MailFields,
  MailRecord,
  MailState,
  Priority,
  TemplateData,
} from './wire.ts';

/** Options of a request that sends mail. */
export interface SendOptions extends RequestOptions {
  /**
   * A name for what is sent, such as `signup:42`, of 1 to 255 printable ASCII characters without spaces. Repeated within 24 hours, nothing is sent
   * again and the first answer is returned. By default each call has one of its own, so that its tries send one mail.
   */
  idempotencyKey?: string | undefined;
}

/** What `trySend` returns. */
export type SendResult = { ok: true; mail: AcceptedMail } | { ok: false; error: PosthouseError };

/** Which mails to list. */
export interface MailFilter {
  state?: MailState | readonly MailState[];
  template?: string;
  /** An address, a domain, or the part before the @ with it. */
  recipient?: string;
  tag?: string;
  provider?: string;
  /** A reason code, as a list has it: `550 5.1.1`. */
  reason?: string;
  apiKey?: string;
  group?: string;
  /** The Message-ID of a message that was sent as `content.raw`, with its angle brackets. */
  messageId?: string;
  /** A value of the metadata, in full. */
  metadata?: string;
  priority?: Priority;
  /** Sent to some recipients and rejected by others. */
  partial?: boolean;
  /** Accepted at this time or later. */
  from?: string | Date;
  /** Accepted at this time or earlier. */
  to?: string | Date;
  /** How many to read at a time, 1 to 100. */
  pageSize?: number;
}

/** Sends mails, reads them and acts on them. Each method throws a PosthouseError, except `trySend`, which never throws. */
export class Mails<Templates extends TemplateData> {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Sends a mail: it is stored when this returns, and sent by a worker. */
  async send(mail: Mail<Templates>, options?: SendOptions): Promise<AcceptedMail> {
    return await this.#accept('', toBody(mail), options);
  }

  /** Sends a mail and never throws: for a sign-up, which must not fail with its mail. */
  async trySend(mail: Mail<Templates>, options?: SendOptions): Promise<SendResult> {
    try {
      return { ok: true, mail: await this.send(mail, options) };
    } catch (error) {
      return { ok: false, error: toPosthouseError(error) };
    }
  }

  /** Sends up to 1,000 mails, all or none. @returns what was accepted, in the order of the mails */
  async sendBatch(mails: readonly Mail<Templates>[], options?: SendOptions): Promise<AcceptedMail[]> {
    const body = { mails: Array.isArray(mails) ? mails.map((mail, n) => toBody(mail, `/mails/${n}`)) : mails };
    const { results } = await this.#accept<{ results: AcceptedMail[] }>('/batch', body, options);
    return results;
  }

  /** Reads a mail. @param options `content` also reads its content, which needs the right to it */
  async get(id: string, { content, ...options }: RequestOptions & { content?: boolean } = {}): Promise<MailRecord> {
    return await send(
      this.#connection,
      { method: 'GET', path: `${pathOf(id)}${content ? '?content=true' : ''}`, optionNames: ['content'] },
      options,
    );
  }

  /** The mails that match, newest first; the next page is read when it is needed. */
  async *list({ pageSize, ...filter }: MailFilter = {}, options?: RequestOptions): AsyncGenerator<ListedMail, void, undefined> {
    if (pageSize !== undefined && !(Number.isInteger(pageSize) && isBetween(pageSize, 1, 100)))
      throw invalidRequest(wrongNumber('pageSize', pageSize, 'a whole number from 1 to 100'));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...filter, limit: pageSize })) {
      checkDate(`\`${name}\``, value);
      if (value !== undefined) query.set(name, value instanceof Date ? value.toISOString() : String(value));
    }
    for (;;) {
      const call = { method: 'GET', path: `/v1/mails?${query}` } as const;
      const page: { mails: ListedMail[]; next?: string } = await send(this.#connection, call, options);
      yield* page.mails;
      if (page.next === undefined) return;
      query.set('cursor', page.next);
    }
  }

  /** Cancels a mail before its message is sent. */
  async cancel(id: string, options?: RequestOptions): Promise<ActionResult> {
    return await this.#act(id, 'cancel', {}, options);
  }

  /** Sends a failed or partly sent mail again, to the recipients that were rejected. */
  async retry(id: string, options?: RequestOptions): Promise<ActionResult> {
    return await this.#act(id, 'retry', {}, options);
  }

  /** Settles a mail whose outcome is unknown. */
  async resolve(id: string, outcome: 'delivered' | 'sendAgain', options?: RequestOptions): Promise<ActionResult> {
    return await this.#act(id, 'resolve', { outcome }, options);
  }

  /** Sends a scheduled or retrying mail now. */
  async sendNow(id: string, options?: RequestOptions): Promise<ActionResult> {
    return await this.#act(id, 'send-now', {}, options);
  }

  /** Sends a scheduled mail at another time; a past one means now. */
  async reschedule(id: string, scheduledAt: string | Date, options?: RequestOptions): Promise<ActionResult> {
    checkDate('`scheduledAt`', scheduledAt);
    return await send(this.#connection, { method: 'PATCH', path: pathOf(id), body: { scheduledAt } }, options);
  }

  /** Sends a copy: a new mail with the same content. @param options `to`: there, instead of to all recipients */
  async copy(id: string, { to, ...options }: SendOptions & { to?: Address | Address[] } = {}): Promise<AcceptedMail> {
    return await this.#accept(`/${encodeURIComponent(id)}/copy`, { to }, options, ['to']);
  }

  async #accept<T>(path: string, body: unknown, options: SendOptions = {}, more: readonly string[] = []): Promise<T> {
    const { idempotencyKey = crypto.randomUUID(), ...others } = options;
    if (typeof idempotencyKey !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey))
      throw invalidRequest('`idempotencyKey` must be a string of 1 to 255 printable ASCII characters without spaces.');
    const call = { method: 'POST', path: `/v1/mails${path}`, body, idempotencyKey, optionNames: ['idempotencyKey', ...more] } as const;
    return await send(this.#connection, call, others);
  }

  async #act(id: string, action: string, body: object, options?: RequestOptions): Promise<ActionResult> {
    return await send(this.#connection, { method: 'POST', path: `${pathOf(id)}/${action}`, body }, options);
  }
}

/** A mail as the API takes it. @param at a JSON pointer to it @throws PosthouseError when it is missing, or a time of it is an invalid date */
function toBody(mail: Pick<MailFields, 'attachments' | 'scheduledAt' | 'expiresAt'>, at = ''): unknown {
  if (mail === undefined || mail === null) throw invalidRequest(`${at || 'The mail'} is missing.`);
  const { attachments, scheduledAt, expiresAt } = mail;
  checkDate(`${at}/scheduledAt`, scheduledAt);
  checkDate(`${at}/expiresAt`, expiresAt);
  return Array.isArray(attachments) ? { ...mail, attachments: attachments.map(withBase64) } : mail;
}

/** Buffers too, also those of another realm, as test runners have. */
function withBase64(attachment: Attachment): Attachment {
  const content: unknown = attachment?.content;
  if (!ArrayBuffer.isView(content)) return attachment;
  return { ...attachment, content: toBase64(new Uint8Array(content.buffer, content.byteOffset, content.byteLength)) };
}

function pathOf(id: string): string {
  return `/v1/mails/${encodeURIComponent(id)}`;
}

/** Anything else would be a bug of this client, or a value whose getter throws; `trySend` returns it all the same. */
function toPosthouseError(error: unknown): PosthouseError {
  if (error instanceof PosthouseError) return error;
  return new PosthouseError({ code: 'invalid-request', title: 'Invalid request', detail: String(error), cause: error });
}
