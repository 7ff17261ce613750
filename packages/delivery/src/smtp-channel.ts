/**
 * nodemailer's SMTPConnection, which speaks the protocol, over a socket that is open. This class resolves every exchange itself, because
 * nodemailer never calls back when a connection is closed in the middle of a send.
 */
import type { Socket } from 'node:net';
import { limits } from '@posthouse/contract';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { type SmtpError, withCode } from './connection-error.ts';
import type { PhaseClock } from './phase-clock.ts';
import { hasTooManyLines, SmtpDialogue, tooManyLines } from './smtp-dialogue.ts';
import { readablePart } from './smtp-reply.ts';

/** What nodemailer's types leave out. */
interface ConnectionParts {
  /** After STARTTLS that of TLS. */
  _socket: Socket;
  /** Replies that have come and wait to be read. */
  _responseQueue: string[];
  /** The last of them is not whole. */
  _responsePartial: boolean;
  /** The beginning of a line. */
  _remainder: string;
  /** What each reply that is awaited does; none once the connection is closed. */
  _responseActions: unknown[];
  _envelope: { pipelined?: boolean } | false | undefined;
  /** Acts on the first reply that waits. */
  _processResponse(): void;
  _onData(chunk: Buffer): void;
}

/** One connection. */
export class SmtpChannel {
  readonly connection: SMTPConnection;
  /** Called with each command and each reply; credentials are masked in commands. */
  onLine: ((from: 'client' | 'server', line: string) => void) | undefined;
  readonly #dialogue: SmtpDialogue;
  readonly #onEnd = new Set<() => void>();
  #ended = false;
  #lastError: SmtpError | undefined;

  /** @param clock follows what is sent and received, and closes the connection when a phase is not finished in time */
  constructor(options: SMTPConnectionOptions, clock: PhaseClock) {
    this.#dialogue = new SmtpDialogue(clock);
    clock.onTimeout = (error) => this.closeWith(error);
    this.connection = new SMTPConnection({ ...options, transactionLog: true, maxResponseSize: limits.replyBytes, logger: this.#logger() });
    this.#readReplies();
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

  /** What it runs over; after STARTTLS that of TLS. */
  get socket(): Socket {
    return this.#parts._socket;
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

  /**
   * Writes a block of a message, in one piece.
   * @param isLast the message ends with it: from now on there may be a reply
   * @param written called when the system has taken the block; never, when the connection ends first
   */
  writeBlock(block: readonly Buffer[], isLast: boolean, written: () => void): void {
    const { _socket: socket } = this.#parts;
    if (isLast) this.#dialogue.messageSent();
    socket.cork();
    for (const part of block.slice(0, -1)) socket.write(part);
    socket.write(block.at(-1) as Buffer, (error) => {
      if (error) return;
      if (isLast) this.#dialogue.messageWritten();
      written();
    });
    socket.uncork();
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
      if (tnx === 'client') this.#dialogue.command(String(line));
      else if (tnx !== 'server' || !this.#isInStep(String(line))) return;
      this.onLine?.(tnx, tnx === 'server' ? readablePart(String(line)) : String(line));
    };
    return { trace: nothing, debug: onLine, info: nothing, warn: nothing, error: nothing, fatal: nothing };
  }

  get #parts(): ConnectionParts {
    return this.connection as unknown as ConnectionParts;
  }

  /** nodemailer logs a reply before it acts on it: a reply out of step ends the connection, and nothing follows from it. */
  #isInStep(reply: string): boolean {
    const issue = this.#dialogue.reply(reply, this.#laterReplies);
    if (issue !== undefined) this.closeWith(withCode(issue, 'out-of-step'));
    return issue === undefined;
  }

  /** Replies that have begun to come after the one that is being read. A server may add a 421 to any reply. */
  get #laterReplies(): number {
    const { _responseQueue: queue, _responsePartial: isPartial, _remainder: remainder, _socket } = this.#parts;
    // When the server has closed the connection, the remainder is the reply that is being read.
    const begun = isPartial || _socket.destroyed ? queue : [...queue, remainder];
    return begun.filter((reply) => reply.trim() !== '' && !'421'.startsWith(reply.slice(0, 3))).length;
  }

  /**
   * nodemailer bounds the bytes of a reply, but not its lines, nor how many replies wait: it skips empty lines. It also acts on one reply in each
   * turn of the event loop; those to a pipelined envelope, which come together, are acted on together.
   */
  #readReplies(): void {
    const parts = this.#parts;
    const read = parts._onData;
    parts._onData = (chunk) => {
      read.call(this.connection, chunk);
      const { _responseQueue: queue, _responsePartial: isPartial } = parts;
      if (queue.length > limits.replyLines) this.closeWith(withCode('more replies than commands', 'out-of-step'));
      else if (isPartial && hasTooManyLines(queue.at(-1) ?? '')) this.closeWith(withCode(tooManyLines, 'out-of-step'));
      else if (parts._envelope && parts._envelope.pipelined === true) this.#actOnReplies();
    };
  }

  #actOnReplies(): void {
    const parts = this.#parts;
    // The last one may not be whole. A connection that is closed awaits none.
    for (let whole = parts._responseQueue.length - Number(parts._responsePartial); whole > 0; whole--) {
      if (parts._responseActions.length > 0) parts._processResponse();
    }
  }
}
