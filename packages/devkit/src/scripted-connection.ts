/**
 * smtp-server's connection with planned faults.
 *
 * The library executes every command and keeps the state. All of its replies pass through `send`, where a planned fault replaces or
 * delays the reply, omits it, or closes the connection. A planned reply is sent unchanged: the library never rewrites its code or text.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { domainToASCII } from 'node:url';
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import type { RelayLimits } from './relay-limits.ts';
import type { RelayProfile } from './relay-profiles.ts';
import { refuses, type SmtpFault, type SmtpFaults, type SmtpPhase } from './smtp-fault.ts';

/** Continues a command: with an error the command is rejected, without one it is executed. */
export type Continue = (refusal?: Error) => void;

/** What a connection follows besides the protocol. */
export interface ConnectionScript {
  faults: SmtpFaults;
  profile: RelayProfile | undefined;
  limits: RelayLimits;
  /** Position of this connection among the open ones, oldest first, from 1. */
  rank: () => number;
  /** Called with each EHLO and AUTH command, without credentials: `EHLO client.example`, `AUTH PLAIN`. */
  onOpening: (command: string) => void;
  /** Called each time a planned fault withholds the reply to a command. */
  onHang: () => void;
}

/** One client's connection. */
export class ScriptedConnection extends SMTPConnection {
  readonly #script: ConnectionScript;
  #mailCommands = 0;
  /** The fault that applies to the next reply. */
  #fault: SmtpFault | undefined;
  /** Replies that wait for a late or trickling one to end; undefined if there is none. */
  #waiting: (() => void)[] | undefined;

  constructor(script: ConnectionScript, ...connection: ConstructorParameters<typeof SMTPConnection>) {
    super(...connection);
    this.#script = script;
  }

  /** Sends the greeting immediately. The library first waits 100 ms for clients that send too early, and tests open many connections. */
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  /**
   * Applies the fault that is planned for this phase, or the limit that is exceeded, if any, and continues the command. If that rejects
   * the command, it continues with an error, so that the library's state is the same as after a rejection of its own.
   */
  at(phase: SmtpPhase, addresses: readonly string[], proceed: Continue): void {
    const { faults, limits, rank } = this.#script;
    const recipients = phase === 'RCPT' ? this.session.envelope.rcptTo.length : 0;
    this.#fault ??= faults.take(phase, addresses) ?? limits.check(phase, { rank: rank(), mailCommands: this.#mailCommands, recipients });
    if (phase === 'MAIL') this.#mailCommands += 1;
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

  /** Overridden because the library has no handler to call before it replies to EHLO. Its reply is that of the relay's profile. */
  override handler_EHLO(command: Buffer, done: () => void): void {
    const name = parameterOf(command);
    this.#script.onOpening(`EHLO ${name}`);
    const refused = this.#script.profile?.refusedEhlo;
    if (refused?.name.test(name)) this.replaceNextReply(refused.reply);
    this.at('EHLO', [name], (refusal) => {
      if (refusal === undefined) return super.handler_EHLO(command, done);
      this.send(550);
      done();
    });
  }

  override handler_AUTH(command: Buffer, done: () => void): void {
    this.#script.onOpening(`AUTH ${parameterOf(command).toUpperCase()}`);
    if (/^auth oauthbearer /i.test(command.toString())) this.#oauthBearer(command, done);
    else super.handler_AUTH(command, done);
  }

  /** The library has XOAUTH2 only. OAUTHBEARER (RFC 7628) differs in the form of the first message and in the reply to an error. */
  #oauthBearer(command: Buffer, done: () => void): void {
    const message = Buffer.from(command.toString().split(' ')[2] ?? '', 'base64').toString();
    const [header = '', ...fields] = message.split('\x01');
    const user = header
      .replace(/^n,a=|,$/g, '')
      .replaceAll('=2C', ',')
      .replaceAll('=3D', '=');
    const translated = Buffer.from([`user=${user}`, ...fields].join('\x01')).toString('base64');
    super.handler_AUTH(Buffer.from(`AUTH XOAUTH2 ${translated}`), done);
    const next = this._nextHandler;
    if (next === false) return;
    this._nextHandler = (reply, finished) => {
      if (reply.toString().trim() === 'AQ==') return next.call(this, reply, finished);
      this.send(501, 'Error: the reply to an error is AQ==');
      finished();
    };
  }

  /** An idle connection is closed with the reply of the relay's profile. */
  override _onTimeout(): void {
    const idle = this.#script.profile?.limits.idleMs;
    const isIdle = !this._closing && !this._handlerPending && !this._dataStream;
    if (idle !== undefined && isIdle) this.replaceNextReply(idle.reply);
    super._onTimeout();
  }

  /** Overridden because the library refuses dots in a quoted local part, such as `"a..b"`, which RFC 5321 section 4.1.2 allows. */
  override _parseAddressCommand(
    ...[name, command]: Parameters<SMTPConnection['_parseAddressCommand']>
  ): ReturnType<SMTPConnection['_parseAddressCommand']> {
    const [start] = /<"[^"\\<>@]*"(?=@)/.exec(String(command)) ?? [];
    if (start === undefined) return super._parseAddressCommand(name, command);
    const parsed = super._parseAddressCommand(name, String(command).replace(start, start.replaceAll('.', '_')));
    return parsed && { ...parsed, address: `${start.slice(1)}${parsed.address.slice(parsed.address.lastIndexOf('@'))}` };
  }

  /** Overridden because the library has no handler to call before it replies 354 to DATA. */
  override handler_DATA(command: Buffer, done: () => void): void {
    this.at('DATA', recipientsOf(this.session), (refusal) => {
      if (refusal === undefined) return super.handler_DATA(command, done);
      this.send(451);
      done();
    });
  }

  /** Sends this reply in place of the library's next one. */
  replaceNextReply(reply: string): void {
    this.#fault ??= { kind: 'reply', reply };
  }

  /** Closes the connection without a reply. */
  destroy(): void {
    this._socket.destroy();
  }

  #reply(fault: SmtpFault | undefined, [code, text, context]: Parameters<SMTPConnection['send']>): void {
    const reply = Array.isArray(text) ? this.#ehloLines(text) : (text ?? '');
    if (fault === undefined) super.send(code, reply, context);
    else if (fault.kind === 'reply') this.#write(fault.reply, code === 421);
    else if (fault.kind === 'delay') this.#late(() => super.send(code, reply, context), sleep(fault.delayMs, undefined, { ref: false }));
    else if (fault.kind === 'hold') {
      this.#script.onHang();
      this.#late(() => super.send(code, reply, context), fault.released);
    } else if (fault.kind === 'trickle') this.#trickle(replyText(code, reply), fault.gapMs);
    else if (fault.kind === 'close') this.destroy();
    else this.#script.onHang();
  }

  /** Replies to pipelined commands wait for the late one. */
  #late(answer: () => void, time: Promise<void>): void {
    this.#waiting = [];
    void time.then(() => {
      if (!this._socket.destroyed) answer();
      this.#sendWaiting();
    });
  }

  /** Sends the first byte immediately and one more after each gap. Replies to pipelined commands wait for the last byte. */
  #trickle(reply: string, gapMs: number): void {
    this.#waiting = [];
    const bytes = Buffer.from(`${reply}\r\n`).values();
    const next = () => {
      const byte = bytes.next();
      if (!byte.done && !this._socket.destroyed) return void this._socket.write(Buffer.of(byte.value));
      clearInterval(timer);
      this.#sendWaiting();
    };
    const timer = setInterval(next, gapMs);
    next();
  }

  #sendWaiting(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const answer of waiting) answer();
  }

  /** The only multi-line reply of the library is that to EHLO. Before TLS, relays offer STARTTLS in place of AUTH. */
  #ehloLines(lines: string[]): string[] {
    const { profile } = this.#script;
    if (profile === undefined) return lines;
    const offered = profile.ehlo.filter((line) => this.secure || !/^auth/i.test(line));
    return [...lines.slice(0, 1), ...(lines.includes('STARTTLS') ? ['STARTTLS'] : []), ...offered];
  }

  /** @param closing whether the library closes the connection after its own reply */
  #write(reply: string, closing: boolean): void {
    this._socket.write(`${reply}\r\n`);
    if (closing || reply.startsWith('421')) this.close(); // RFC 5321 section 3.8: 421 closes the channel
  }
}

/** RFC 5321 section 4.2.1. */
function replyText(code: number, text: string | readonly string[] = ''): string {
  const lines = [text].flat();
  return lines.map((line, index) => `${code}${index < lines.length - 1 ? '-' : ' '}${line}`).join('\r\n');
}

/** The first parameter of a command. */
function parameterOf(command: Buffer): string {
  return command.toString().trim().split(/\s+/)[1] ?? '';
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
