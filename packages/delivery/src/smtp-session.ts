/** One connection to a server, used for one transaction after another. It keeps the transcript of each. */
import { type Gate, limits, type Reason, type Timings } from '@posthouse/contract';
import type { WaitSignals } from './abortable.ts';
import { explainError, reasonOf, type SmtpError, withCode } from './connection-error.ts';
import { GateDenied, MessageBody } from './message-body.ts';
import { type OnPhase, PhaseTimeout } from './phase-clock.ts';
import { quotedAddress } from './smtp-address.ts';
import { messageNeeds, missingCapability } from './smtp-capabilities.ts';
import type { SmtpConnector } from './smtp-connect.ts';
import { openChannel, type ReadyChannel } from './smtp-handshake.ts';
import { declareSmtpUtf8 } from './smtp-utf8.ts';
import { Transcript } from './transcript.ts';

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
  /** The message was sent, and no reply to it came in time, or only one out of step. */
  unanswered?: true;
  /** Says in full why the message was not offered to the server. */
  detail?: string;
  /** The connection had been opened before: for another transaction, or for a login. */
  reused?: true;
  /** Why the message was not sent, where the gate, a lost lease or the stop of the worker prevented it. */
  denied?: GateDenied['result'];
}

/** One open connection. */
export class SmtpSession {
  /** Transactions started on it. */
  uses = 0;
  readonly #ready: ReadyChannel;
  readonly #timings: Timings['smtp'];

  private constructor(ready: ReadyChannel, timings: Timings['smtp']) {
    this.#ready = ready;
    this.#timings = timings;
  }

  /**
   * Connects, starts TLS, verifies the certificate and logs in.
   * @param token the access token, for a provider with OAuth
   * @throws ConnectionError
   */
  static async open(connector: SmtpConnector, timings: Timings['smtp'], onPhase?: OnPhase, token?: string): Promise<SmtpSession> {
    return new SmtpSession(await openChannel(connector, timings, onPhase, token), timings);
  }

  /** True while another transaction can be started on it. */
  get usable(): boolean {
    return this.#ready.channel.usable;
  }

  /**
   * One transaction: MAIL, RCPT, DATA, the gate, the message, the final dot. Never throws; the result says what happened.
   * A phase that is not finished in time closes the connection.
   * @param signals a lost lease ends the transaction unless the message has started; the stop of the worker ends it before the gate is
   *   asked, and else after `timings.smtp.stopGrace`
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, signals: WaitSignals): Promise<Transaction> {
    const { channel, clock, capabilities } = this.#ready;
    const transcript = new Transcript();
    const { leaseLost, workerStopping } = signals;
    if (leaseLost.aborted || workerStopping.aborted)
      return notSent(transcript, { kind: leaseLost.aborted ? 'lease-lost' : 'worker-stopping' });
    const needs = messageNeeds(bytes, [envelope.from, ...envelope.to]);
    const missing = missingCapability(capabilities, needs);
    if (missing !== undefined) return { transcript, messageStarted: false, error: missing.reason, detail: missing.detail };
    this.uses++;
    const body = new MessageBody(bytes, {
      gate: () => gate(this.#replyWithinMs(bytes)),
      onBlock: () => clock.enter('block'),
      write: (block, isLast, written) => channel.writeBlock(block, isLast, written),
    });
    channel.onLine = (from, line) => (from === 'client' ? transcript.client(line) : transcript.server(line));
    const leave = () => {
      if (!body.started) channel.closeWith(new GateDenied({ kind: 'lease-lost' }));
    };
    let grace: NodeJS.Timeout | undefined;
    const stop = () => {
      if (!body.isAtGate) channel.closeWith(new GateDenied({ kind: 'worker-stopping' }));
      else
        grace = setTimeout(
          () => channel.closeWith(withCode('the worker stopped before the reply came', 'no-reply')),
          this.#timings.stopGrace,
        );
    };
    leaseLost.addEventListener('abort', leave);
    workerStopping.addEventListener('abort', stop);
    const sent = {
      from: quotedAddress(envelope.from),
      to: envelope.to.map(quotedAddress),
      size: bytes.length,
      use8BitMime: needs.eightBitMime,
    };
    const declared = needs.smtpUtf8 ? declareSmtpUtf8(channel.connection) : undefined;
    const error = await channel.exchange((done) => channel.connection.send(sent, body.asStream, done));
    declared?.();
    leaseLost.removeEventListener('abort', leave);
    workerStopping.removeEventListener('abort', stop);
    clearTimeout(grace);
    if (error !== null) {
      if (error.response === undefined) transcript.event('CLOSED', error instanceof GateDenied ? error.message : explainError(error));
      await this.#endTransaction(error);
    }
    channel.onLine = undefined;
    if (error instanceof GateDenied) {
      // Where the lease is lost as well, another run has the mail, whatever the gate said.
      return notSent(transcript, leaseLost.aborted ? { kind: 'lease-lost' } : error.result);
    }
    const isUnanswered = body.started && error !== null && hasNoReply(error);
    const unanswered = isUnanswered && { unanswered: true as const };
    return { transcript, messageStarted: body.started, ...(error !== null && { error: reasonOf(error) }), ...unanswered };
  }

  /** From the gate on, by when the reply has come or the connection is closed. */
  #replyWithinMs({ length }: Buffer): number {
    const { block, dot } = this.#timings;
    return Math.ceil(length / limits.messageBlockBytes) * block + dot;
  }

  /** Sends QUIT and closes. */
  quit(): void {
    if (this.usable) this.#ready.channel.connection.quit();
  }

  /** Closes at once. */
  close(): void {
    this.#ready.channel.close();
  }

  /**
   * After a refusal the server may still be in the transaction: RSET ends it. Without a reply, as when the gate was denied, it may be
   * waiting for a message and would read the next mail's commands as its body: the connection is closed.
   */
  async #endTransaction(error: SmtpError): Promise<void> {
    const { channel } = this.#ready;
    if (!channel.usable) return;
    const failure =
      error.response === undefined ? error : await channel.exchange((done) => channel.connection.reset((resetError) => done(resetError)));
    if (failure !== null) this.close();
  }
}

/** Another transaction would probably end like this one, and leave another copy. */
function hasNoReply(error: SmtpError): boolean {
  return error.code === 'out-of-step' || (error instanceof PhaseTimeout && error.phase === 'dot');
}

function notSent(transcript: Transcript, denied: GateDenied['result']): Transaction {
  return { transcript, messageStarted: false, error: denied.kind === 'denied' ? 'gate-denied' : denied.kind, denied };
}
