/**
 * One connection to a server: opened, secured and logged in, then used for one transaction after another. nodemailer's SMTPConnection
 * speaks the protocol; this class keeps the transcript and resolves every promise itself, because nodemailer never calls back when a
 * connection is closed in the middle of a send.
 */
import { errorReason, type Gate, type GateResult, type Reason, type Timings } from '@posthouse/contract';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { GateDenied, MessageBody } from './message-body.ts';
import type { Provider } from './provider.ts';
import { Transcript } from './transcript.ts';

/** No connection could be opened, secured or logged in. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The step that failed. */
  readonly step: 'CONNECT' | 'AUTH';
  /** The innermost error code: `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `EAUTH`. */
  readonly code: Reason;
  /** What the server replied, if it did. */
  readonly reply: string | undefined;

  constructor(step: 'CONNECT' | 'AUTH', error: SmtpError) {
    // The reply may quote the account's address: it is kept out of the message, which is logged.
    super(error.message.replace(`: ${error.response}`, ''));
    this.step = step;
    this.code = errorReason(error.originalCode ?? error.code);
    this.reply = error.response;
  }
}

/** nodemailer's errors. */
interface SmtpError extends Error {
  code?: string | undefined;
  /** The code of the system or of TLS, where `code` is only ESOCKET. */
  originalCode?: string | undefined;
  response?: string | undefined;
}

/** The SMTP envelope (RFC 5321 section 2.3.1). */
export interface SmtpEnvelope {
  from: string;
  to: string[];
}

/** A finished transaction. */
export interface Transaction {
  /** Has each reply. */
  transcript: Transcript;
  /** Whether bytes of the message were sent. */
  messageStarted: boolean;
  /** Why replies are missing, where some are. */
  error?: Reason;
  /** Why the message was not sent, where the gate or a lost lease prevented it. */
  denied?: Exclude<GateResult, { kind: 'open' }>;
}

/** One open connection. */
export class SmtpSession {
  /** Transactions started on it. */
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
   * Connects, starts TLS, verifies the certificate and logs in.
   * @throws ConnectionError
   */
  static async open(provider: Provider, options: SMTPConnectionOptions, timings: Timings['smtp']): Promise<SmtpSession> {
    const session = new SmtpSession(provider, options, timings);
    const deadline = session.#closeAfter(timings.connect);
    const error = await session.#exchange((done) => session.#connection.connect((failure) => done(failure ?? null)));
    const failure = error === null ? await session.#login(provider) : new ConnectionError('CONNECT', error);
    clearTimeout(deadline);
    if (failure === null) return session;
    session.close();
    throw failure;
  }

  /** True while another transaction can be started on it. */
  get usable(): boolean {
    return !this.#ended;
  }

  /**
   * One transaction: MAIL, RCPT, DATA, the gate, the message, the final dot. Never throws; the result says what happened.
   * @param deadlineMs after that many ms the connection is closed, whatever it is doing
   * @param leaseLost ends the transaction, unless the message has started
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, deadlineMs: number, leaseLost: AbortSignal): Promise<Transaction> {
    const transcript = new Transcript();
    if (leaseLost.aborted) return { transcript, messageStarted: false, error: 'lease-lost', denied: { kind: 'lease-lost' } };
    this.uses++;
    const body = new MessageBody(bytes, () => gate(deadlineMs));
    this.#transcript = transcript;
    const deadline = this.#closeAfter(deadlineMs);
    const leave = () => {
      if (!body.started) this.#closeWith(new GateDenied({ kind: 'lease-lost' }));
    };
    leaseLost.addEventListener('abort', leave);
    const error = await this.#exchange((done) => this.#connection.send({ ...envelope, size: bytes.length }, body, done));
    leaseLost.removeEventListener('abort', leave);
    clearTimeout(deadline);
    if (error !== null) {
      if (error.response === undefined) transcript.event('CLOSED', error.message);
      await this.#endTransaction(error);
    }
    this.#transcript = undefined;
    if (error instanceof GateDenied) {
      // Where the lease is lost as well, another run has the mail, whatever the gate said.
      const denied = leaseLost.aborted ? ({ kind: 'lease-lost' } as const) : error.result;
      return { transcript, messageStarted: false, error: denied.kind === 'denied' ? 'gate-denied' : 'lease-lost', denied };
    }
    return { transcript, messageStarted: body.started, ...(error !== null && { error: errorReason(error.originalCode ?? error.code) }) };
  }

  /** Sends QUIT and closes. */
  quit(): void {
    if (this.usable) this.#connection.quit();
  }

  /** Closes at once. */
  close(): void {
    this.#connection.close();
  }

  /** A deadline of our own: a server that trickles bytes never reaches an idle timeout. */
  #closeAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#closeWith(withCode(`not finished after ${ms} ms`, 'EDEADLINE')), Math.max(ms, 0));
  }

  #closeWith(error: SmtpError): void {
    this.#lastError = error;
    this.close();
  }

  /**
   * After a refusal the server may still be in the transaction: RSET ends it. Without a reply, as when the gate was denied, it may be
   * waiting for a message and would read the next mail's commands as its body: the connection is closed.
   */
  async #endTransaction(error: SmtpError): Promise<void> {
    if (!this.usable) return;
    const failure =
      error.response === undefined ? error : await this.#exchange((done) => this.#connection.reset((resetError) => done(resetError)));
    if (failure !== null) this.close();
  }

  async #login({ credentials }: Provider): Promise<ConnectionError | null> {
    if (credentials === undefined) return null;
    // Sending without the configured login would hide that it does not work.
    if (!this.#connection.allowsAuth) return new ConnectionError('AUTH', withCode('the server offers no login', 'ENOAUTH'));
    const error = await this.#exchange((done) => this.#connection.login({ ...credentials }, (failure) => done(failure)));
    return error === null ? null : new ConnectionError('AUTH', error);
  }

  /** Runs one exchange of commands and replies. It also ends when the connection does. */
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
    const record = (entry: { tnx?: string }, line: unknown) => {
      if (entry.tnx === 'client') this.#transcript?.client(String(line));
      if (entry.tnx === 'server') this.#transcript?.server(String(line));
    };
    return { trace: nothing, debug: record, info: nothing, warn: nothing, error: nothing, fatal: nothing };
  }
}

function withCode(message: string, code: Reason): SmtpError {
  return Object.assign(new Error(message), { code });
}
