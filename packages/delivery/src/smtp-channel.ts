/**
 * nodemailer's SMTPConnection, which speaks the protocol, over a socket that is open. This class resolves every exchange itself, because
 * nodemailer never calls back when a connection is closed in the middle of a send.
 */
import type { Socket } from 'node:net';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { type SmtpError, withCode } from './connection-error.ts';
import type { PhaseClock } from './phase-clock.ts';

/** nodemailer's socket, after STARTTLS that of TLS; its types leave it out. */
interface SocketOwner {
  _socket: Socket;
}

/** One connection. */
export class SmtpChannel {
  readonly connection: SMTPConnection;
  /** Called with each command and each reply; credentials are masked in commands. */
  onLine: ((from: 'client' | 'server', line: string) => void) | undefined;
  readonly #clock: PhaseClock;
  readonly #onEnd = new Set<() => void>();
  #ended = false;
  #lastError: SmtpError | undefined;

  /** @param clock follows what is sent and received, and closes the connection when a phase is not finished in time */
  constructor(options: SMTPConnectionOptions, clock: PhaseClock) {
    this.#clock = clock;
    clock.onTimeout = (error) => this.closeWith(error);
    this.connection = new SMTPConnection({ ...options, transactionLog: true, logger: this.#logger() });
    this.connection.on('error', (error: SmtpError) => {
      this.#lastError = error;
    });
    this.connection.on('end', () => {
      this.#ended = true;
      clock.stop();
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
    const onLine = ({ tnx }: { tnx?: string }, line: unknown) => {
      if (tnx !== 'client' && tnx !== 'server') return;
      if (tnx === 'client') this.#clock.command(String(line));
      else this.#clock.reply(String(line));
      this.onLine?.(tnx, String(line));
    };
    const onEvent = ({ tnx }: { tnx?: string }) => {
      if (tnx === 'message') this.#messageHandedOver();
    };
    return { trace: nothing, debug: onLine, info: onEvent, warn: nothing, error: nothing, fatal: nothing };
  }

  /** The socket has the whole message. An empty write ends when all before it has been written. */
  #messageHandedOver(): void {
    const { _socket } = this.connection as unknown as SocketOwner;
    _socket.write('', () => this.#clock.messageWritten());
  }
}
