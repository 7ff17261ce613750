/**
 * One connection to a server: opened, secured and logged in, then used for one transaction after another.
 * nodemailer's SMTPConnection speaks the protocol; this keeps its transcript and settles every promise itself,
 * because a connection that is closed in the middle of a send forgets its callback.
 */

import { errorReason, type Gate, type Reason, type Timings } from '@posthouse/contract';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { GateDenied, MessageBody } from './message-body.ts';
import type { Provider } from './provider.ts';
import { Transcript } from './transcript.ts';

/** The connection could not be used. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Where it went wrong. */
  readonly step: 'CONNECT' | 'AUTH';
  /** `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `EAUTH`: the innermost code there is. */
  readonly code: Reason;
  /** What the server replied, if it did. */
  readonly reply: string | undefined;

  constructor(step: 'CONNECT' | 'AUTH', error: SmtpError) {
    // The reply may quote the account's address; it is kept apart, and out of the logs.
    super(error.message.replace(`: ${error.response}`, ''));
    this.step = step;
    this.code = errorReason(error.originalCode ?? error.code);
    this.reply = error.response;
  }
}

/** What nodemailer puts on its errors. */
interface SmtpError extends Error {
  code?: string | undefined;
  /** The system's or TLS's own code, where `code` only says ESOCKET. */
  originalCode?: string | undefined;
  response?: string | undefined;
}

/** Who a message is from and for, on the SMTP level (RFC 5321 section 2.3.1). */
export interface SmtpEnvelope {
  from: string;
  to: string[];
}

/** What a transaction came to: the transcript tells each reply. */
export interface Transaction {
  transcript: Transcript;
  /** Whether bytes of the message went out. */
  messageStarted: boolean;
  /** Why a reply is missing, as a code, where one is. */
  error?: Reason;
}

/** One open connection. */
export class SmtpSession {
  /** Transactions begun on it. */
  uses = 0;
  readonly #connection: SMTPConnection;
  readonly #onEnd = new Set<() => void>();
  #transcript: Transcript | undefined;
  #ended = false;
  #lastError: SmtpError | undefined;

  private constructor(provider: Provider, options: SMTPConnectionOptions, timings: Timings['smtp']) {
    this.#connection = new SMTPConnection({
      ...options,
      host: provider.host,
      port: provider.port,
      secure: provider.security === 'tls',
      requireTLS: provider.security === 'starttls',
      connectionTimeout: timings.connect,
      greetingTimeout: timings.connect,
      socketTimeout: timings.socket,
      dnsTimeout: timings.connect,
      transactionLog: true,
      logger: this.#logger(),
    });
    this.#connection.on('error', (error: SmtpError) => {
      this.#lastError = error;
    });
    this.#connection.on('end', () => {
      this.#ended = true;
      for (const listener of this.#onEnd) listener();
    });
  }

  /**
   * Connects, secures, verifies and logs in.
   * @throws ConnectionError
   */
  static async open(provider: Provider, options: SMTPConnectionOptions, timings: Timings['smtp']): Promise<SmtpSession> {
    const session = new SmtpSession(provider, options, timings);
    const deadline = session.#closeAfter(timings.connect);
    const refused = await session.#exchange((done) => session.#connection.connect((error) => done(error ?? null)));
    const fault = refused === null ? await session.#login(provider) : new ConnectionError('CONNECT', refused);
    clearTimeout(deadline);
    if (fault === null) return session;
    session.close();
    throw fault;
  }

  /** True while another transaction can be begun on it. */
  get usable(): boolean {
    return !this.#ended;
  }

  /**
   * One transaction: MAIL, RCPT, DATA, the gate, the message, the final dot. Never throws; what happened is in the transaction.
   * @param deadlineMs when it is over, the connection is closed, whatever it is doing
   * @param lost aborts when the mail is no longer ours: ends the transaction, unless the message has begun to go out
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, deadlineMs: number, leaseLost?: AbortSignal): Promise<Transaction> {
    const transcript = new Transcript();
    if (leaseLost?.aborted) return { transcript, messageStarted: false, error: 'EGATEDENIED' };
    this.uses++;
    const body = new MessageBody(bytes, gate);
    this.#transcript = transcript;
    const deadline = this.#closeAfter(deadlineMs);
    const leave = () => {
      if (!body.began) this.#closeWith('the mail was taken over', 'EGATEDENIED');
    };
    leaseLost?.addEventListener('abort', leave);
    const error = await this.#exchange((done) => this.#connection.send({ ...envelope, size: bytes.length }, body, done));
    leaseLost?.removeEventListener('abort', leave);
    clearTimeout(deadline);
    if (error !== null) {
      if (error.response === undefined) transcript.event('CLOSED', error.message);
      await this.#endTransaction(error);
    }
    this.#transcript = undefined;
    return { transcript, messageStarted: body.began, ...(error !== null && { error: codeOf(error) }) };
  }

  /** Says goodbye and closes. */
  quit(): void {
    if (this.usable) this.#connection.quit();
  }

  /** Closes at once. */
  close(): void {
    this.#connection.close();
  }

  /** A server that trickles bytes defeats every idle timeout; nothing defeats this. */
  #closeAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#closeWith(`no end after ${ms} ms`, 'EDEADLINE'), Math.max(ms, 0));
  }

  #closeWith(message: string, code: Reason): void {
    this.#lastError = withCode(message, code);
    this.close();
  }

  /**
   * After a refusal the server may still be in the transaction: RSET ends it. Without a reply, as when the gate was shut,
   * it may be waiting for a message, and would take the next mail's commands for it: only closing ends that.
   */
  async #endTransaction(error: SmtpError): Promise<void> {
    if (!this.usable) return;
    const failure =
      error.response === undefined ? error : await this.#exchange((done) => this.#connection.reset((unreset) => done(unreset)));
    if (failure !== null) this.close();
  }

  async #login({ credentials }: Provider): Promise<ConnectionError | null> {
    if (credentials === undefined) return null;
    // Sending without the login that was asked for would hide that it does not work.
    if (!this.#connection.allowsAuth) return new ConnectionError('AUTH', withCode('the server offers no login', 'ENOAUTH'));
    const refused = await this.#exchange((done) => this.#connection.login({ ...credentials }, (error) => done(error)));
    return refused === null ? null : new ConnectionError('AUTH', refused);
  }

  /** Runs one exchange; whatever ends the connection ends the exchange too. */
  #exchange(run: (done: (error: SmtpError | null) => void) => void): Promise<SmtpError | null> {
    return new Promise((resolve) => {
      const done = (error: SmtpError | null) => {
        this.#onEnd.delete(ended);
        resolve(error);
      };
      const ended = () => done(this.#lastError ?? withCode('the server closed the connection', 'ECONNECTION'));
      this.#onEnd.add(ended);
      run(done);
    });
  }

  #logger() {
    const nothing = () => undefined;
    const heard = (entry: { tnx?: string }, line: unknown) => {
      if (entry.tnx === 'client') this.#transcript?.client(String(line));
      if (entry.tnx === 'server') this.#transcript?.server(String(line));
    };
    return { trace: nothing, debug: heard, info: nothing, warn: nothing, error: nothing, fatal: nothing };
  }
}

/** The innermost code. nodemailer puts its own on a stream's error, over the gate's. */
function codeOf(error: SmtpError): Reason {
  return error instanceof GateDenied ? 'EGATEDENIED' : errorReason(error.originalCode ?? error.code);
}

function withCode(message: string, code: Reason): SmtpError {
  return Object.assign(new Error(message), { code });
}
