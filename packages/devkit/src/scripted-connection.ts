/**
 * smtp-server's connection, with one change: what it says can be planned.
 *
 * The library carries out every command and keeps its state; all of its replies pass through `send`,
 * and there a planned fault speaks, falls silent or closes instead. So a raw reply goes over the wire
 * as it was given, and the library never rewrites its code or its text.
 */
import { domainToASCII } from 'node:url';
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { refuses, type SmtpFault, type SmtpFaults, type SmtpPhase } from './smtp-fault.ts';

/** Goes on with a command: carried out, or refused with an error. */
export type GoOn = (refusal?: Error) => void;

/** One client's connection. */
export class ScriptedConnection extends SMTPConnection {
  readonly #faults: SmtpFaults;
  /** What happens in place of the next reply. */
  #fault: SmtpFault | undefined;
  /** What is to be said once a reply that trickles has come to its end. */
  #afterwards: (() => void)[] | undefined;

  constructor(faults: SmtpFaults, ...connection: ConstructorParameters<typeof SMTPConnection>) {
    super(...connection);
    this.#faults = faults;
  }

  /** Greets at once. The library waits 100 ms for clients that talk too soon, and tests open many connections. */
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  /**
   * Comes to a moment at which a fault may be planned, then goes on: with an error when the planned
   * reply is a refusal, so that the library leaves its state as after a refusal of its own.
   */
  at(phase: SmtpPhase, addresses: readonly string[], goOn: GoOn): void {
    this.#fault ??= this.#faults.take(phase, addresses);
    goOn(this.#fault !== undefined && refuses(this.#fault) ? new Error('refused as planned') : undefined);
  }

  override send(...reply: Parameters<SMTPConnection['send']>): void {
    const fault = this.#fault;
    // A server that hangs says nothing from here on: that fault stays.
    if (fault?.kind !== 'hang') this.#fault = undefined;
    const answer = () => this.#answer(fault, reply);
    if (this.#afterwards === undefined) answer();
    else this.#afterwards.push(answer);
  }

  /** The library asks nobody before it answers DATA with 354. */
  override handler_DATA(command: Buffer, done: () => void): void {
    this.at('DATA', recipientsOf(this.session), (refusal) => {
      if (refusal === undefined) return super.handler_DATA(command, done);
      this.send(451);
      done();
    });
  }

  /** Drops the connection on the floor, without a word. */
  destroy(): void {
    this._socket.destroy();
  }

  #answer(fault: SmtpFault | undefined, reply: Parameters<SMTPConnection['send']>): void {
    if (fault === undefined) super.send(...reply);
    else if (fault.kind === 'reply') this.#say(fault.reply);
    else if (fault.kind === 'trickle') this.#trickle(`${reply[0]} ${reply[1] ?? ''}`, fault.gapMs);
    else if (fault.kind === 'close') this.destroy();
  }

  /** The first byte at once, then one after each gap. Answers to commands that were sent ahead wait for the last. */
  #trickle(reply: string, gapMs: number): void {
    this.#afterwards = [];
    const bytes = Buffer.from(`${reply}\r\n`).values();
    const next = () => {
      const byte = bytes.next();
      if (!byte.done && !this._socket.destroyed) return void this._socket.write(Buffer.of(byte.value));
      clearInterval(timer);
      const afterwards = this.#afterwards ?? [];
      this.#afterwards = undefined;
      for (const answer of afterwards) answer();
    };
    const timer = setInterval(next, gapMs);
    next();
  }

  #say(reply: string): void {
    this._socket.write(`${reply}\r\n`);
    if (reply.startsWith('421')) this.close(); // RFC 5321 section 3.8: 421 closes the channel
  }
}

/** The recipients that were accepted so far in this transaction. */
export function recipientsOf({ envelope }: SMTPServerSession): string[] {
  return envelope.rcptTo.map(asSent);
}

/** An address as it was on the wire: the library shows domains in Unicode. */
export function asSent({ address }: SMTPServerAddress): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}
