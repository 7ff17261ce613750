/** One connection to a server, used for one transaction after another. It keeps the transcript of each. */
import type { Gate, GateResult, Reason, Timings } from '@posthouse/contract';
import { explainError, reasonOf, type SmtpError } from './connection-error.ts';
import { GateDenied, MessageBody } from './message-body.ts';
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
  /** Says in full why the message was not offered to the server. */
  detail?: string;
  /** The connection had been opened before: for another transaction, or for a login. */
  reused?: true;
  /** Why the message was not sent, where the gate or a lost lease prevented it. */
  denied?: Exclude<GateResult, { kind: 'open' }>;
}

/** One open connection. */
export class SmtpSession {
  /** Transactions started on it. */
  uses = 0;
  readonly #ready: ReadyChannel;

  private constructor(ready: ReadyChannel) {
    this.#ready = ready;
  }

  /**
   * Connects, starts TLS, verifies the certificate and logs in.
   * @throws ConnectionError
   */
  static async open(connector: SmtpConnector, timings: Timings['smtp']): Promise<SmtpSession> {
    return new SmtpSession(await openChannel(connector, timings));
  }

  /** True while another transaction can be started on it. */
  get usable(): boolean {
    return this.#ready.channel.usable;
  }

  /**
   * One transaction: MAIL, RCPT, DATA, the gate, the message, the final dot. Never throws; the result says what happened.
   * @param deadlineMs after that many ms the connection is closed, whatever it is doing
   * @param leaseLost ends the transaction, unless the message has started
   */
  async transact(envelope: SmtpEnvelope, bytes: Buffer, gate: Gate, deadlineMs: number, leaseLost: AbortSignal): Promise<Transaction> {
    const { channel, capabilities } = this.#ready;
    const transcript = new Transcript();
    if (leaseLost.aborted) return { transcript, messageStarted: false, error: 'lease-lost', denied: { kind: 'lease-lost' } };
    const needs = messageNeeds(bytes, [envelope.from, ...envelope.to]);
    const missing = missingCapability(capabilities, needs);
    if (missing !== undefined) return { transcript, messageStarted: false, error: missing.reason, detail: missing.detail };
    this.uses++;
    const body = new MessageBody(bytes, () => gate(deadlineMs));
    channel.onLine = (from, line) => (from === 'client' ? transcript.client(line) : transcript.server(line));
    const deadline = channel.closeAfter(deadlineMs);
    const leave = () => {
      if (!body.started) channel.closeWith(new GateDenied({ kind: 'lease-lost' }));
    };
    leaseLost.addEventListener('abort', leave);
    const sent = {
      from: quotedAddress(envelope.from),
      to: envelope.to.map(quotedAddress),
      size: bytes.length,
      use8BitMime: needs.eightBitMime,
    };
    const declared = needs.smtpUtf8 ? declareSmtpUtf8(channel.connection) : undefined;
    const error = await channel.exchange((done) => channel.connection.send(sent, body, done));
    declared?.();
    leaseLost.removeEventListener('abort', leave);
    clearTimeout(deadline);
    if (error !== null) {
      if (error.response === undefined) transcript.event('CLOSED', error instanceof GateDenied ? error.message : explainError(error));
      await this.#endTransaction(error);
    }
    channel.onLine = undefined;
    if (error instanceof GateDenied) {
      // Where the lease is lost as well, another run has the mail, whatever the gate said.
      const denied = leaseLost.aborted ? ({ kind: 'lease-lost' } as const) : error.result;
      return { transcript, messageStarted: false, error: denied.kind === 'denied' ? 'gate-denied' : 'lease-lost', denied };
    }
    return { transcript, messageStarted: body.started, ...(error !== null && { error: reasonOf(error) }) };
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
