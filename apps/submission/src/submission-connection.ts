/**
 * smtp-server's connection, with replies of our own: each has exactly one enhanced status code, and what is not carried out is neither
 * offered nor accepted. The library keeps the state, TLS and dot-stuffing.
 */
import type { Socket } from 'node:net';
import type { ApiKey } from '@posthouse/access';
import { limits, type SubmissionTimings } from '@posthouse/contract';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { completeReply, type Reply, replies } from './replies.ts';
import { readPath, type SmtpPath } from './smtp-path.ts';

/** What EHLO offers; the library adds STARTTLS, AUTH and SIZE where they are possible. */
const extensions = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

/** The parameters of each command. Programs that log in may send AUTH=, which is of no use here (RFC 4954 section 5). */
const parametersOf = { 'MAIL FROM': ['SIZE', 'BODY', 'SMTPUTF8', 'AUTH'], 'RCPT TO': [] as string[] };

/** An address of a command, and why the command is refused. */
type ParsedPath = Exclude<ReturnType<SMTPConnection['_parseAddressCommand']>, false> & { refusal?: Reply };

/** One client's connection. */
export class SubmissionConnection extends SMTPConnection {
  /** What the client has logged in with. */
  login: { key: ApiKey; hash: string } | undefined;
  /** Whether its address has too many connections. */
  isOver = false;
  /** Logins on this connection that were refused. */
  failedLogins = 0;
  /** Whether more recipients were named than a mail may have. */
  hasLeftOut = false;
  readonly #timings: SubmissionTimings;
  readonly #watch: (socket: Socket) => void;
  #loginTimer: NodeJS.Timeout | undefined;

  /** @param watch called with the socket below TLS after STARTTLS, when the library has removed all listeners of it */
  constructor(timings: SubmissionTimings, watch: (socket: Socket) => void, ...connection: ConstructorParameters<typeof SMTPConnection>) {
    super(...connection);
    this.#timings = timings;
    this.#watch = watch;
  }

  /** Sends the greeting at once. The library first waits 100 ms for clients that send too early, which is a sign of spam on port 25. */
  override init(): void {
    this.#loginTimer = setTimeout(() => {
      if (this.login === undefined) this.end(replies.noLoginInTime());
    }, this.#timings.login);
    this._setListeners(() => this.connectionReady());
  }

  /** True while nothing of the client's is being worked on. */
  get isIdle(): boolean {
    return !this._handlerPending && !this._dataStream;
  }

  /** Sends a reply and closes the connection. */
  end(reply: Reply): void {
    this.refuse(reply);
    this.close();
  }

  refuse({ responseCode, message }: Reply): void {
    this.send(responseCode, message);
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (Array.isArray(data)) super.send(code, this.#ehloLines(data), false);
    else if (context === false) super.send(code, data?.replace(/^[245]\.\d+\.\d+ /, ''), false);
    else super.send(...completeReply(code, data ?? '', context), context);
  }

  override _parseAddressCommand(name: string, command: Buffer | string): ParsedPath | false {
    const command_ = name.toUpperCase() as keyof typeof parametersOf;
    const path = readPath(command_, command.toString());
    if (path === undefined) return false;
    const args = path.parameters.size === 0 ? false : Object.fromEntries(path.parameters);
    const { duplicate } = path;
    const refusal = this.#refusalOf(command_, path);
    return {
      address: path.address,
      args,
      ...(duplicate !== undefined && { duplicate }),
      ...(refusal !== undefined && { refusal }),
    };
  }

  override _rejectInvalidParams(parsed: ParsedPath, keys: string[], done: () => void): boolean {
    if (parsed.refusal === undefined) return super._rejectInvalidParams(parsed, keys, done);
    this.refuse(parsed.refusal);
    done();
    return true;
  }

  /** Many clients drop the recipients that were refused: so none of the others gets the mail either. */
  override handler_DATA(command: Buffer, done: () => void): void {
    if (this.hasLeftOut) {
      this.refuse(replies.recipientsLeftOut());
      done();
    } else super.handler_DATA(command, done);
  }

  override _resetSession(): void {
    this.hasLeftOut = false;
    super._resetSession();
  }

  override upgrade(...callbacks: Parameters<SMTPConnection['upgrade']>): void {
    const socket = this._socket;
    super.upgrade(...callbacks);
    this.#watch(socket);
  }

  override _onClose(): void {
    clearTimeout(this.#loginTimer);
    super._onClose();
  }

  #refusalOf(command: keyof typeof parametersOf, { address, parameters }: SmtpPath): Reply | undefined {
    const unknown = [...parameters.keys()].find((key) => !parametersOf[command].includes(key));
    if (unknown !== undefined) return replies.unknownParameter(unknown);
    const hasUtf8 = parameters.has('SMTPUTF8') || this.session.envelope.smtpUtf8 === true;
    // The domain is in ASCII here, however it was written.
    return hasUtf8 || /^\p{ASCII}*$/u.test(address) ? undefined : replies.notAscii();
  }

  /** Before TLS no login is offered: a program without TLS must not send the key in clear. */
  #ehloLines([greeting = '', ...offered]: string[]): string[] {
    return [greeting, ...extensions, ...offered.filter((line) => !/^AUTH /.test(line) || this.secure)];
  }
}

/** The library's options for what its connections offer and refuse. */
export const connectionOptions = {
  hidePIPELINING: true,
  hide8BITMIME: true,
  hideSMTPUTF8: true,
  hideENHANCEDSTATUSCODES: true,
  hideDSN: true,
  hideREQUIRETLS: true,
  disableReverseLookup: true,
  logger: false,
  authMethods: ['PLAIN', 'LOGIN'],
  disabledCommands: ['HELP', 'WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'],
  heloResponse: '%s',
  banner: 'Posthouse',
  size: limits.messageBytes,
};
