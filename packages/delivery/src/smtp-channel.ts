/**
 * nodemailer's SMTPConnection, which speaks the protocol, over a socket that is open. This class resolves every exchange itself, because
 * nodemailer never calls back when a connection is closed in the middle of a send.
 */
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { type SmtpError, withCode } from './connection-error.ts';

/** One connection. */
export class SmtpChannel {
  readonly connection: SMTPConnection;
  /** Called with each command and each reply; credentials are masked in commands. */
  onLine: ((from: 'client' | 'server', line: string) => void) | undefined;
  readonly #onEnd = new Set<() => void>();
  #ended = false;
  #lastError: SmtpError | undefined;

  constructor(options: SMTPConnectionOptions) {
    this.connection = new SMTPConnection({ ...options, transactionLog: true, logger: this.#logger() });
    this.connection.on('error', (error: SmtpError) => {
      this.#lastError = error;
    });
    this.connection.on('end', () => {
      this.#ended = true;
      for (const listener of this.#onEnd) listener();
    });
  }

  /** True until the connection has ended. */
  get usable(): boolean {
    return !this.#ended;
  }

  /** Runs one exchange of commands and replies. It also ends when the connection does. @returns null when it succeeded */
  exchange(run: (done: (error: SmtpError | null) => void) => void): Promise<SmtpError | null> {
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

  /** A deadline of our own: a server that trickles bytes never reaches an idle timeout. */
  closeAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.closeWith(withCode(`not finished after ${ms} ms`, 'EDEADLINE')), Math.max(ms, 0));
  }

  /** Closes at once; the exchange in progress ends with this error. */
  closeWith(error: SmtpError): void {
    this.#lastError = error;
    this.close();
  }

  /** Closes at once. */
  close(): void {
    this.connection.close();
  }

  #logger() {
    const nothing = () => undefined;
    const record = (entry: { tnx?: string }, line: unknown) => {
      if (entry.tnx === 'client' || entry.tnx === 'server') this.onLine?.(entry.tnx, String(line));
    };
    return { trace: nothing, debug: record, info: nothing, warn: nothing, error: nothing, fatal: nothing };
  }
}
