/**
 * smtp-server's connection with planned faults.
 *
 * The library executes every command and keeps the state. All of its replies pass through `send`, where a planned fault replaces or
 * delays the reply, omits it, or closes the connection. A planned reply is sent unchanged: the library never rewrites its code or text.
 */
import { domainToASCII } from 'node:url';
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { refuses, type SmtpFault, type SmtpFaults, type SmtpPhase } from './smtp-fault.ts';

/** Continues a command: with an error the command is rejected, without one it is executed. */
export type Continue = (refusal?: Error) => void;

/** One client's connection. */
export class ScriptedConnection extends SMTPConnection {
  readonly #faults: SmtpFaults;
  /** The fault that applies to the next reply. */
  #fault: SmtpFault | undefined;
  /** Replies that wait for a trickling one to end; undefined if none trickles. */
  #waiting: (() => void)[] | undefined;

  constructor(faults: SmtpFaults, ...connection: ConstructorParameters<typeof SMTPConnection>) {
    super(...connection);
    this.#faults = faults;
  }

  /** Sends the greeting immediately. The library first waits 100 ms for clients that send too early, and tests open many connections. */
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  /**
   * Applies the fault that is planned for this phase, if any, and continues the command. If the fault rejects the command, it continues
   * with an error, so that the library's state is the same as after a rejection of its own.
   */
  at(phase: SmtpPhase, addresses: readonly string[], proceed: Continue): void {
    this.#fault ??= this.#faults.take(phase, addresses);
    proceed(this.#fault !== undefined && refuses(this.#fault) ? new Error('refused as planned') : undefined);
  }

  override send(...reply: Parameters<SMTPConnection['send']>): void {
    const fault = this.#fault;
    // A server that hangs stays silent from now on, so this fault stays.
    if (fault?.kind !== 'hang') this.#fault = undefined;
    const answer = () => this.#reply(fault, reply);
    if (this.#waiting === undefined) answer();
    else this.#waiting.push(answer);
  }

  /** Overridden because the library has no handler to call before it replies 354 to DATA. */
  override handler_DATA(command: Buffer, done: () => void): void {
    this.at('DATA', recipientsOf(this.session), (refusal) => {
      if (refusal === undefined) return super.handler_DATA(command, done);
      this.send(451);
      done();
    });
  }

  /** Closes the connection without a reply. */
  destroy(): void {
    this._socket.destroy();
  }

  #reply(fault: SmtpFault | undefined, reply: Parameters<SMTPConnection['send']>): void {
    if (fault === undefined) super.send(...reply);
    else if (fault.kind === 'reply') this.#write(fault.reply);
    else if (fault.kind === 'trickle') this.#trickle(`${reply[0]} ${reply[1] ?? ''}`, fault.gapMs);
    else if (fault.kind === 'close') this.destroy();
  }

  /** Sends the first byte immediately and one more after each gap. Replies to pipelined commands wait for the last byte. */
  #trickle(reply: string, gapMs: number): void {
    this.#waiting = [];
    const bytes = Buffer.from(`${reply}\r\n`).values();
    const next = () => {
      const byte = bytes.next();
      if (!byte.done && !this._socket.destroyed) return void this._socket.write(Buffer.of(byte.value));
      clearInterval(timer);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const answer of waiting) answer();
    };
    const timer = setInterval(next, gapMs);
    next();
  }

  #write(reply: string): void {
    this._socket.write(`${reply}\r\n`);
    if (reply.startsWith('421')) this.close(); // RFC 5321 section 3.8: 421 closes the channel
  }
}

/** The recipients that have been accepted in this transaction. */
export function recipientsOf({ envelope }: SMTPServerSession): string[] {
  return envelope.rcptTo.map(asSent);
}

/** An address as the client sent it. The library converts domains to Unicode. */
export function asSent({ address }: SMTPServerAddress): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}
